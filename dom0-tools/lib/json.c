// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small words for json-c.  A NULL text becomes null, so that every object has all its keys.
 */
#include "lib/json.h"

#include <stdio.h>

void json_put_text(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

void json_put_number(struct json_object *object, const char *key, int64_t value)
{
	json_object_object_add(object, key, json_object_new_int64(value));
}

void json_put_real(struct json_object *object, const char *key, double value)
{
	char text[32];

	/* Three digits: nanoseconds of CPU time would be noise. */
	snprintf(text, sizeof(text), "%.3f", value);
	json_object_object_add(object, key, json_object_new_double_s(value, text));
}

void json_put_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

void json_print(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}
