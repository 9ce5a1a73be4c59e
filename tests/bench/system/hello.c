// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least program that is run by others.
 */
int main(void)
{
	return 0;
}
