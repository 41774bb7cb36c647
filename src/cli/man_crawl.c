/* The part of trawl(1) that explains what trawl crawl, links and explain write. */
#include "cli/help.h"
#include "cli/man_entries.h"

static const struct cli_man_entry pages[] = {
    {"depth", "how many links it is away from a seed, by the way it was found first"},
    {"from", "URL of the page that named it first, null for a seed"},
    {"links", "how many links there are in it, the same one counted once"},
    {"title", "its title, or null"},
    {"digest",
     "XXH3 of 128 bits of the decompressed body, in hexadecimal; null without a body"},
    {"repeats", "null, or the index of the first result that had the same body"},
};

static const struct cli_man_entry rejected[] = {
    {"url", "in its canonical form; as it was found if it is no URL"},
    {"reason", "one of those below"},
    {"rule", "the rule that decided, or null if the reason says it all"},
    {"line", "of robots.txt, or null"},
    {"depth", "how many links it would have been away from a seed"},
    {"from", "URL of the page that named it, null for a seed"},
};

static const struct cli_man_entry links[] = {
    {"url", "the canonical URL"},
    {"tag , attribute",
     "where it stands, such as a and href; the tag is empty in CSS, where the "
     "attribute is url\\&() or @import, and in sitemaps, where it is loc"},
    {"kind", "requisite for what the page is made of, such as images, styles and scripts; else "
             "navigation"},
    {"rel", "the element's rel attribute, or the empty string"},
    {"nofollow", "whether a crawl is asked not to follow it"},
};

static const struct cli_man_entry verdict[] = {
    {"url",
     "the canonical URL, null if it is none:\nthen\n.Cm error\nand\n.Cm detail\nsay why"},
    {"in_scope , reason , scope_rule",
     "whether a crawl may go there; if not, one of the reasons "
     "above; and the rule that decided"},
    {"allowed", "by robots.txt"},
    {"robots_status , robots_error", "of the answer to the request for it, or null"},
    {"robots_line , robots_rule", "the line that decided, or null if none did"},
    {"wait_ms , wait_rule",
     "milliseconds between two fetches from the host, and what sets them"},
};

static const char *meaning_of(trawl_reject reason)
{
    switch (reason) {
    case TRAWL_REJECT_SCHEME: return "neither http nor https, or no URL at all";
    case TRAWL_REJECT_DUPLICATE: return "taken up before; only told with --log-duplicates";
    case TRAWL_REJECT_NOFOLLOW: return "the link or its page says nofollow";
    case TRAWL_REJECT_ROBOTS: return "the host's robots.txt disallows it";
    case TRAWL_REJECT_ROBOTS_UNREACHABLE:
        return "the host's robots.txt could not be had, so nothing may be fetched";
    case TRAWL_REJECT_SCOPE_HOST: return "on another host than the seeds, without --span-hosts";
    case TRAWL_REJECT_SCOPE_DOMAIN: return "in none of --domains";
    case TRAWL_REJECT_SCOPE_EXCLUDE_DOMAIN: return "in one of --exclude-domains";
    case TRAWL_REJECT_SCOPE_PARENT: return "above the seeds' directories, with --no-parent";
    case TRAWL_REJECT_SCOPE_LEVEL: return "more links away than --level";
    case TRAWL_REJECT_SCOPE_INCLUDE: return "matches no --include";
    case TRAWL_REJECT_SCOPE_EXCLUDE: return "matches an --exclude";
    case TRAWL_REJECT_SCOPE_ACCEPT: return "its file name is not in --accept";
    case TRAWL_REJECT_SCOPE_REJECT: return "its file name is in --reject";
    case TRAWL_REJECT_MIME_TYPE: return "fetched, and its type is not in --filter-mime-type";
    case TRAWL_REJECT_TRAP_LENGTH: return "longer than --max-url";
    case TRAWL_REJECT_TRAP_DEPTH: return "more slashes than --max-path-segments";
    case TRAWL_REJECT_TRAP_REPEAT: return "parts of its path repeat";
    case TRAWL_REJECT_TRAP_QUERY:
        return "more parameters than --max-query-parameters, or one again and again";
    case TRAWL_REJECT_TRAP_DATE: return "a date that is far away: a calendar";
    case TRAWL_REJECT_TRAP_DUPLICATE:
        return "linked by a page that repeats another for more than --max-repeats times";
    case TRAWL_REJECT_TRAP_REDIRECTS: return "behind more redirects than --max-redirs";
    case TRAWL_REJECT_LIMIT_PAGES: return "after --max-pages";
    case TRAWL_REJECT_LIMIT_HOST: return "after --max-pages-per-host";
    case TRAWL_REJECT_LIMIT_LINKS:
        return "further links of a page with more than --max-links; told once for the page";
    case TRAWL_REJECT_LIMIT_TIME: return "after --max-time";
    case TRAWL_REJECT_LIMIT_QUOTA: return "after --quota";
    case TRAWL_REJECT_STOPPED: return "the crawl was interrupted before its turn";
    case TRAWL_REJECT_MEMORY: return "there was no memory to take it up";
    case TRAWL_REJECT_COUNT: break;
    }
    return "";
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void print_reasons(FILE *file)
{
    fputs(".Pp\nThe reasons, each of which the summary counts:\n.Bl -tag -width Ds\n", file);
    for (int i = 0; i < TRAWL_REJECT_COUNT; i++) {
        fprintf(file, ".It Cm %s\n%s\n", trawl_reject_name((trawl_reject)i),
                meaning_of((trawl_reject)i));
    }
    fputs(".El\n", file);
}

void cli_man_crawl(FILE *file)
{
    fputs(".Ss Pages of a crawl\n"
          "Results of\n.Nm Cm crawl\n"
          "have all of these members, their\n.Cm index\n"
          "counted in the order in which they come, and after\n.Cm error\nbesides:\n",
          file);
    cli_man_entries(file, "Cm", pages, COUNT(pages));
    fputs(".Ss Rejected URLs\n"
          "With\n.Fl -log-rejected ,\n"
          "each line is an object for a URL that was found and left out:\n",
          file);
    cli_man_entries(file, "Cm", rejected, COUNT(rejected));
    print_reasons(file);
    fputs(".Ss Links\n"
          "With\n.Fl -format Cm jsonl ,\n.Nm Cm links\nwrites an object for each link:\n",
          file);
    cli_man_entries(file, "Cm", links, COUNT(links));
    fputs(".Ss Verdicts\n"
          "With\n.Fl -format Cm jsonl ,\n.Nm Cm explain\nwrites an object:\n",
          file);
    cli_man_entries(file, "Cm", verdict, COUNT(verdict));
}

void cli_man_crawl_options(FILE *file, enum cli_command_id command)
{
    if (command == CLI_CRAWL) {
        fputs("Those of\n.Nm Cm fetch ,\nof which these have another default or meaning, and "
              "besides:\n",
              file);
    } else if (command == CLI_EXPLAIN) {
        fputs("Those of\n.Nm Cm crawl\nabout scope, pace, robots.txt, URLs and traps, and of\n"
              ".Nm Cm fetch\nunder Limits, Retries, Requests and Addresses.\nBesides:\n",
              file);
    } else if (command == CLI_LINKS) {
        fputs(".Fl -lazy-attributes\nof\n.Nm Cm crawl .\nBesides:\n", file);
    }
}
