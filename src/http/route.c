#include "http/route.h"

const char *perm_name(enum perm need)
{
	static const char *const names[PERM_COUNT] = {
		[PERM_UNSET] = "unset",
		[PERM_PUBLIC] = "public",
		[PERM_SIGNED_IN] = "signed_in",
		[PERM_CASE_READ] = "case_read",
		[PERM_CASE_WRITE] = "case_write",
		[PERM_DIRECTORY_READ] = "directory_read",
		[PERM_DIRECTORY_WRITE] = "directory_write",
		[PERM_ACCOUNT_ADMIN] = "account_admin",
		[PERM_AUDIT] = "audit",
		[PERM_OPERATOR] = "operator",
		[PERM_LEAD] = "lead",
		[PERM_REPORT_WRITE] = "report_write",
		[PERM_TEAM] = "team",
		[PERM_FOLLOW] = "follow",
		[PERM_OWN_READ] = "own_read",
		[PERM_OWN_WRITE] = "own_write",
		[PERM_CONSTITUENT_ACCOUNTS] = "constituent_accounts",
		[PERM_OVERSIGHT] = "oversight",
		[PERM_CHECKPOINT] = "checkpoint",
		[PERM_CLOCK_WAIVE] = "clock_waive",
		[PERM_ACCOUNT_READ] = "account_read",
		[PERM_REGIME_WRITE] = "regime_write",
	};
	ASSERT(need >= PERM_UNSET && need < PERM_COUNT);
	return names[need];
}
