/* Text inside elements and attributes of XML and HTML. */
#ifndef CLI_XML_H
#define CLI_XML_H

#include <stdio.h>

/* text is UTF-8 without control characters. */
void cli_xml_text(FILE *file, const char *text);

#endif
