#include "parse/html_names.h"

const char *const tw_tag_names[TW_TAG_COUNT] = {"",
#define X(id, name, ...) name,
                                                TW_TAGS(X)
#undef X
};

const char *const tw_attribute_names[TW_ATTR_COUNT + 1] = {
#define X(id, name, ...) name,
    TW_ATTRIBUTES(X)
#undef X
        "",
};
