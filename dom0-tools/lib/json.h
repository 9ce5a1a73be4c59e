/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The --json side of every command, on json-c.
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

void json_put_text(struct json_object *object, const char *key, const char *value);
void json_put_number(struct json_object *object, const char *key, int64_t value);
void json_put_real(struct json_object *object, const char *key, double value);
void json_put_bool(struct json_object *object, const char *key, bool value);

/* Print it with a newline, and let go of it. */
void json_print(struct json_object *object);
