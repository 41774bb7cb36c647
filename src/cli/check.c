#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cli/options.h"
#include "cli/values.h"

#define FAIL(...) (*error = cli_message(__VA_ARGS__), CLI_EXIT_USAGE)

static const char *variable(const char *lower, const char *upper)
{
    const char *value = getenv(lower);
    if ((value == NULL || value[0] == '\0') && upper != NULL) {
        value = getenv(upper);
    }
    return value != NULL && value[0] != '\0' ? value : NULL;
}

void cli_environment_read(struct cli_environment *e)
{
    /* HTTP_PROXY is not asked for: a CGI program's client could set it by a "Proxy" header. */
    e->http_proxy = variable("http_proxy", NULL);
    e->https_proxy = variable("https_proxy", "HTTPS_PROXY");
    e->all_proxy = variable("all_proxy", "ALL_PROXY");
    e->no_proxy = variable("no_proxy", "NO_PROXY");
    e->no_color = variable("NO_COLOR", NULL) != NULL;
    const char *term = variable("TERM", NULL);
    e->dumb_terminal = term != NULL && strcmp(term, "dumb") == 0;
}

/* ---- Requests ---------------------------------------------------------------------------- */

static bool is_line(const char *text)
{
    for (; *text != '\0'; text++) {
        if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f) {
            return false;
        }
    }
    return true;
}

/* RFC 9110 section 5.1: a field name is a token. */
static bool is_header(const char *line)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t len = strspn(line, token);
    return len > 0 && line[len] == ':' && is_line(line + len);
}

/* The line itself is not printed: it may hold a password or a token. */
static int check_headers(const struct cli_options *o, char **error)
{
    for (size_t i = 0; i < o->headers.count; i++) {
        if (!is_header(o->headers.items[i])) {
            return FAIL("--header number %zu is not a header: give one line, \"Name: value\"",
                        i + 1);
        }
    }
    return 0;
}

static bool is_address(const char *text, size_t len)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char binary[16];
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    if (len == 0 || len >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    return inet_pton(AF_INET, copy, binary) == 1 || inet_pton(AF_INET6, copy, binary) == 1;
}

static bool is_port(const char *text, size_t len)
{
    char copy[8];
    uint64_t port;
    if (len == 0 || len >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    return cli_parse_number(copy, &port) && port >= 1 && port <= 65535;
}

/* HOST:PORT:ADDRESS[,ADDRESS]; a HOST that is an IPv6 address stands in brackets. */
static bool is_resolve(const char *text)
{
    size_t host = text[0] == '[' ? strcspn(text, "]") + 1 : strcspn(text, ":");
    if (host == 0 || host >= strlen(text) || text[host] != ':' || !is_line(text)) {
        return false;
    }
    const char *port = text + host + 1;
    size_t port_len = strcspn(port, ":");
    if (!is_port(port, port_len) || port[port_len] != ':') {
        return false;
    }
    const char *address = port + port_len;
    do {
        address++;
        size_t len = strcspn(address, ",");
        if (!is_address(address, len)) {
            return false;
        }
        address += len;
    } while (*address == ',');
    return true;
}

static int check_resolve(const struct cli_options *o, char **error)
{
    for (size_t i = 0; i < o->resolve.count; i++) {
        if (!is_resolve(o->resolve.items[i])) {
            return FAIL("--resolve '%.80s': give HOST:PORT:ADDRESS[,ADDRESS], such as "
                        "example.org:80:127.0.0.1",
                        o->resolve.items[i]);
        }
    }
    return 0;
}

/* ---- Proxies ----------------------------------------------------------------------------- */

static bool is_proxy_scheme(const char *text, size_t len)
{
    static const char *const schemes[] = {"http",    "https",  "socks4",
                                          "socks4a", "socks5", "socks5h"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (strlen(schemes[i]) == len && strncasecmp(schemes[i], text, len) == 0) {
            return true;
        }
    }
    return false;
}

/* Only the scheme is printed: a proxy's URL may hold a password. */
static int check_proxy(const char *name, const char *url, char **error)
{
    if (url == NULL || url[0] == '\0') {
        return 0;
    }
    const char *colon = strstr(url, "://");
    const char *host = colon != NULL ? colon + 3 : url;
    if (colon != NULL && !is_proxy_scheme(url, (size_t)(colon - url))) {
        bool shown = (colon - url) <= 16 && memchr(url, '@', (size_t)(colon - url)) == NULL;
        return FAIL("%s '%.*s://...': a proxy's scheme is http, https, socks4, socks4a, socks5 "
                    "or socks5h",
                    name, shown ? (int)(colon - url) : 0, url);
    }
    if (host[0] == '\0' || !is_line(url) || strchr(host, ' ') != NULL) {
        return FAIL("%s is not a proxy: give [SCHEME://][USER:PASSWORD@]HOST[:PORT]", name);
    }
    return 0;
}

static int check_proxies(struct cli_options *o, char **error)
{
    const struct cli_environment *e = &o->environment;
    const char *for_http = e->http_proxy;
    const char *for_https = e->https_proxy;
    int rc = 0;
    if (o->proxy != NULL) {
        for_http = for_https = o->proxy[0] != '\0' ? o->proxy : NULL;
        rc = check_proxy("--proxy", o->proxy, error);
    } else {
        const struct {
            const char *name;
            const char *url;
        } variables[] = {
            {"http_proxy", for_http}, {"https_proxy", for_https}, {"all_proxy", e->all_proxy}};
        for (size_t i = 0; rc == 0 && i < 3; i++) {
            rc = check_proxy(variables[i].name, variables[i].url, error);
        }
        for_http = for_http != NULL ? for_http : e->all_proxy;
        for_https = for_https != NULL ? for_https : e->all_proxy;
    }
    o->fetch.proxy_http = for_http;
    o->fetch.proxy_https = for_https;
    o->fetch.no_proxy = e->no_proxy;
    return rc;
}

/* ---- Files ------------------------------------------------------------------------------- */

static int check_ca_file(const struct cli_options *o, char **error)
{
    const char *path = o->fetch.ca_file;
    if (path == NULL) {
        return 0;
    }
    errno = 0;
    FILE *file = fopen(path, "rb");
    int c = file != NULL ? getc(file) : EOF;
    int code = errno;
    if (file != NULL) {
        fclose(file);
    }
    if (c != EOF) {
        return 0;
    }
    *error =
        cli_message("--cacert %s: %s", path, code != 0 ? strerror(code) : "the file is empty");
    return CLI_EXIT_FILE;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat x;
    struct stat y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* What is written is truncated first, so it may be nothing that is still to be read. */
static int check_written(const struct cli_options *o, const char *name, const char *path,
                         char **error)
{
    for (size_t i = 0; path != NULL && i < o->input_files.count; i++) {
        if (is_same_file(path, o->input_files.items[i])) {
            return FAIL("--%s '%s' would overwrite an input file; give another name", name,
                        path);
        }
    }
    return 0;
}

/* ---- All of it --------------------------------------------------------------------------- */

static int check_input(const struct cli_options *o, char **error)
{
    size_t stdins = 0;
    if (o->command == CLI_EXPLAIN) {
        return o->operands.count == 1 ? 0 : FAIL("give one URL");
    }
    if (o->operands.count == 0 && o->input_files.count == 0) {
        return FAIL("no URL; give URLs, or a file of them with -i FILE (-i - reads standard "
                    "input)");
    }
    for (size_t i = 0; i < o->operands.count; i++) {
        if (strcmp(o->operands.items[i], "-") == 0) {
            return FAIL("'-' is no URL; -i - reads URLs from standard input");
        }
    }
    for (size_t i = 0; i < o->input_files.count; i++) {
        stdins += strcmp(o->input_files.items[i], "-") == 0;
    }
    return stdins > 1 ? FAIL("-i - is given twice; standard input is read once") : 0;
}

static int check_contradictions(const struct cli_options *o, char **error)
{
    if (o->ipv4 && o->ipv6) {
        return FAIL(
            "--ipv4 and --ipv6 exclude each other; leave out both to connect to either");
    }
    if ((o->fetch.deny_private || o->deny_private) && o->allow_private) {
        return FAIL("--deny-private and --allow-private exclude each other; to make exceptions, "
                    "give --allow-cidr LIST");
    }
    if (o->http1 && o->http2) {
        return FAIL("--http1.1 and --http2 exclude each other; leave out both to negotiate");
    }
    if (o->body && strcmp(o->format, "jsonl") != 0) {
        return FAIL("--body needs --format jsonl; '%s' has no place for it", o->format);
    }
    if (o->fetch.user_agent != NULL && !is_line(o->fetch.user_agent)) {
        return FAIL("--user-agent: give one line without control characters");
    }
    if (o->fetch.interface_name != NULL &&
        (o->fetch.interface_name[0] == '\0' || !is_line(o->fetch.interface_name))) {
        return FAIL(
            "--interface '%.80s': give the name or address of an interface, such as eth0",
            o->fetch.interface_name);
    }
    return 0;
}

/* What the library knows better: lists of addresses. Its names have underscores for dashes. */
static int check_library(const struct cli_options *o, char **error)
{
    const char *member = "";
    char text[256];
    char name[40];
    int rc = trawl_options_check(&o->fetch, &member, text, sizeof(text));
    if (rc == 0) {
        return 0;
    }
    if (rc != TRAWL_EINVAL) {
        *error = cli_message("%s", trawl_strerror(rc));
        return CLI_EXIT_FAILURE;
    }
    snprintf(name, sizeof(name), "%s", member);
    for (char *p = name; *p != '\0'; p++) {
        *p = *p == '_' ? '-' : *p;
    }
    return FAIL("--%s %s", name, text);
}

/* Bytes of a body that are kept: enough for the excerpt in the widest encoding and some markup,
 * and for what names the character set. */
static size_t kept_bytes(const struct cli_options *o)
{
    size_t excerpt = (size_t)o->fetch.excerpt * 8 + 1024;
    return o->body ? SIZE_MAX : excerpt > 4096 ? excerpt : 4096;
}

static void complete(struct cli_options *o)
{
    trawl_options *fetch = &o->fetch;
    bool site = o->command == CLI_CRAWL || o->command == CLI_EXPLAIN;
    fetch->deny_private = fetch->deny_private || (site && !o->allow_private);
    fetch->headers = o->headers.items;
    fetch->resolve = o->resolve.items;
    fetch->no_reuse = !o->keepalive;
    fetch->keep_body = kept_bytes(o);
    fetch->log_level = (int)o->verbose;
    fetch->http = o->http1 ? TRAWL_HTTP_1_1 : o->http2 ? TRAWL_HTTP_2 : TRAWL_HTTP_ANY;
    fetch->ip = o->ipv4 ? TRAWL_IP_V4 : o->ipv6 ? TRAWL_IP_V6 : TRAWL_IP_ANY;
    if (fetch->user_agent != NULL && fetch->user_agent[0] == '\0') {
        fetch->user_agent = NULL;
    }
    if (o->output != NULL && strcmp(o->output, "-") == 0) {
        o->output = NULL;
    }
}

int cli_options_check(struct cli_options *o, char **error)
{
    int rc = check_input(o, error);
    rc = rc != 0 ? rc : check_contradictions(o, error);
    rc = rc != 0 ? rc : check_headers(o, error);
    rc = rc != 0 ? rc : check_resolve(o, error);
    rc = rc != 0 ? rc : check_proxies(o, error);
    complete(o);
    rc = rc != 0 ? rc : check_library(o, error);
    rc = rc != 0 ? rc : check_written(o, "output", o->output, error);
    rc = rc != 0 ? rc : check_written(o, "stats", o->stats, error);
    rc = rc != 0 ? rc : check_written(o, "log-rejected", o->log_rejected, error);
    rc = rc != 0 ? rc : check_written(o, "html", o->compare.html, error);
    for (size_t i = 0; rc == 0 && i < o->compare.charts.count; i++) {
        rc = check_written(o, "chart", o->compare.charts.items[i], error);
    }
    rc = rc != 0 ? rc : check_ca_file(o, error);
    return rc != 0 ? rc : cli_scope_check(o, error);
}
