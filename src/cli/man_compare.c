/* The part of trawl(1) that explains what trawl compare measures and writes. */
#include "cli/help.h"
#include "cli/man_entries.h"

static const struct cli_man_entry measures[] = {
    {"median , fastest , slowest",
     "of the runs: the time from when all URLs are handed over to the last result.\nIt "
     "includes the start of threads and worker processes, not that of the measuring process"},
    {"p50 , p99",
     "how long half, and all but one in a hundred, of the fetches took, of all runs "
     "together; the time that a URL waits for its turn does not count"},
    {"user , system", "processor time of all threads and worker processes, to their end; the "
                      "system counts in ticks, so that of short runs the sum says more"},
    {"memory", "the peak of what is in memory; of a worker process without the program and its "
               "libraries, which are in memory once for all"},
    {"threads", "the most that were seen at a time, of the worker processes too"},
    {"switches", "how often a thread gave up the processor or lost it"},
};

static const struct cli_man_entry members[] = {
    {"command , version , machine", "what made it, without passwords, and where:\n"
                                    ".Cm cpu , cores , memory\nin bytes,\n.Cm kernel"},
    {"options",
     "an object of\n.Cm runs , workers , concurrency , per_host\nand\n.Cm keepalive"},
    {"strategies , counts", "arrays of what was compared"},
    {"results",
     "an array, an object for each count and strategy:\n.Cm strategy , count , failure\n"
     "(null, or why it could not be measured),\n.Cm seconds , urls_per_second , latency_ms\n"
     "(an object of p50, p90, p95, p99 and max, or null),\n"
     ".Cm user_seconds , system_seconds , memory_bytes , threads , voluntary_switches\nand\n"
     ".Cm involuntary_switches ;\nwhat is measured in each run is an object of\n"
     ".Cm runs , median , min , max , q1\nand\n.Cm q3 ,\nthe quartiles"},
    {"verdicts",
     "an array, an object for each count:\n.Cm winner\n(null if there is none) and\n"
     ".Cm ranking ,\nthe fastest first: objects of\n.Cm strategy , times_as_long\nand\n"
     ".Cm within_spread ,\nwhich is true for what is not clearly slower than the first"},
    {"mismatches , failures", "how many URLs had different outcomes, and how many failed"},
    {"urls", "an array, an object for each URL:\n.Cm url , same , failed\nand\n.Cm outcomes ,\n"
             "objects of\n.Cm status , error , digest\n(XXH3 of 128 bits),\n.Cm bytes\nand\n"
             ".Cm times ,\nhow often each strategy had it; 16 at the most are told apart"},
    {"interrupted", "whether a signal ended it early"},
    {"exit_status", "that of the command"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void cli_man_compare(FILE *file)
{
    fputs(".Ss Comparisons\n"
          ".Nm Cm compare\n"
          "writes these figures:\n",
          file);
    cli_man_entries(file, "Cm", measures, COUNT(measures));
    fputs(".Pp\n"
          "A strategy wins if the middle half of its runs does not overlap with that of any "
          "other; "
          "with fewer than three runs it has to be faster by a twentieth.\n"
          ".Pp\n"
          "With\n"
          ".Fl -format Cm json ,\n"
          "the output is an object with these members:\n",
          file);
    cli_man_entries(file, "Cm", members, COUNT(members));
    fputs(
        ".Pp\n"
        "With\n"
        ".Cm csv ,\n"
        "each line is a strategy at a number of URLs, the first one names the columns: "
        "medians, and the spread of the time.\n"
        ".Pp\n"
        "The exit status is that of\n"
        ".Nm Cm fetch\n"
        "for all the fetches together.\n"
        "If they all went well, it is 1 if URLs had different outcomes or a measurement could "
        "not be made.\n",
        file);
}
