#include "trawl.h"

const char *trawl_err_name(int error)
{
    switch (error) {
    case 0: return "OK";
#define X(name, code, kind, message)                                                           \
    case code: return #name;
        TRAWL_ERROR_MAP(X)
#undef X
    default: return "EUNKNOWN";
    }
}

const char *trawl_strerror(int error)
{
    switch (error) {
    case 0: return "no error";
#define X(name, code, kind, message)                                                           \
    case code: return message;
        TRAWL_ERROR_MAP(X)
#undef X
    default: return "unknown error";
    }
}

trawl_error_kind trawl_err_kind(int error)
{
    switch (error) {
    case 0: return TRAWL_KIND_NONE;
#define X(name, code, kind, message)                                                           \
    case code: return TRAWL_KIND_##kind;
        TRAWL_ERROR_MAP(X)
#undef X
    default: return TRAWL_KIND_OTHER;
    }
}
