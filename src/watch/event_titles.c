#include "watch/event_titles.h"

struct title {
	const char *id, *text;
};

static const struct title sysmon[] = {
	{ "1", "process created" },      { "2", "file creation time changed" },
	{ "3", "network connection" },   { "4", "Sysmon service state" },
	{ "5", "process ended" },        { "6", "driver loaded" },
	{ "7", "image loaded" },         { "8", "remote thread created" },
	{ "9", "raw disk read" },        { "10", "process accessed" },
	{ "11", "file created" },        { "12", "registry key created or deleted" },
	{ "13", "registry value set" },  { "14", "registry renamed" },
	{ "15", "file stream created" }, { "16", "Sysmon configuration changed" },
	{ "17", "pipe created" },        { "18", "pipe connected" },
	{ "19", "WMI filter" },          { "20", "WMI consumer" },
	{ "21", "WMI binding" },         { "22", "DNS query" },
	{ "23", "file deleted, kept" },  { "24", "clipboard changed" },
	{ "25", "process tampering" },   { "26", "file deleted" },
	{ "27", "executable blocked" },  { "28", "shredding blocked" },
	{ "29", "executable found" },    { "255", "Sysmon error" },
};
static const struct title security[] = {
	{ "1100", "event log stopped" },
	{ "1102", "Security log cleared" },
	{ "1104", "Security log full" },
	{ "4608", "Windows starting" },
	{ "4610", "authentication package loaded" },
	{ "4611", "logon process registered" },
	{ "4616", "system time changed" },
	{ "4624", "logged on" },
	{ "4625", "logon failed" },
	{ "4627", "groups of a logon" },
	{ "4634", "logged off" },
	{ "4647", "user logged off" },
	{ "4648", "logon with explicit credentials" },
	{ "4656", "handle requested" },
	{ "4657", "registry value changed" },
	{ "4658", "handle closed" },
	{ "4660", "object deleted" },
	{ "4661", "SAM handle requested" },
	{ "4662", "directory object operation" },
	{ "4663", "object accessed" },
	{ "4664", "hard link attempted" },
	{ "4670", "permissions changed" },
	{ "4672", "special privileges at logon" },
	{ "4673", "privileged service called" },
	{ "4674", "privileged object operation" },
	{ "4688", "process created" },
	{ "4689", "process ended" },
	{ "4690", "handle duplicated" },
	{ "4696", "primary token assigned" },
	{ "4697", "service installed" },
	{ "4698", "scheduled task created" },
	{ "4699", "scheduled task deleted" },
	{ "4700", "scheduled task enabled" },
	{ "4701", "scheduled task disabled" },
	{ "4702", "scheduled task updated" },
	{ "4703", "token rights adjusted" },
	{ "4704", "user right assigned" },
	{ "4719", "audit policy changed" },
	{ "4720", "account created" },
	{ "4722", "account enabled" },
	{ "4723", "password change tried" },
	{ "4724", "password reset tried" },
	{ "4725", "account disabled" },
	{ "4726", "account deleted" },
	{ "4728", "added to a global group" },
	{ "4732", "added to a local group" },
	{ "4733", "removed from a local group" },
	{ "4738", "account changed" },
	{ "4740", "account locked out" },
	{ "4756", "added to a universal group" },
	{ "4765", "SID history added" },
	{ "4768", "Kerberos TGT asked for" },
	{ "4769", "Kerberos ticket asked for" },
	{ "4770", "Kerberos ticket renewed" },
	{ "4771", "Kerberos pre-authentication failed" },
	{ "4776", "NTLM credentials checked" },
	{ "4778", "session reconnected" },
	{ "4779", "session disconnected" },
	{ "4798", "local groups of a user listed" },
	{ "4799", "members of a local group listed" },
	{ "4907", "auditing of an object changed" },
	{ "5136", "directory object changed" },
	{ "5140", "share accessed" },
	{ "5142", "share added" },
	{ "5145", "file on a share accessed" },
	{ "5152", "packet blocked" },
	{ "5154", "listening allowed" },
	{ "5156", "connection allowed" },
	{ "5157", "connection blocked" },
	{ "5158", "binding allowed" },
	{ "5379", "credentials read" },
};
static const struct title system_log[] = {
	{ "104", "log cleared" },
	{ "1074", "shutdown asked for" },
	{ "6005", "event log started" },
	{ "6006", "event log stopped" },
	{ "6008", "unexpected shutdown" },
	{ "7000", "service failed to start" },
	{ "7034", "service ended unexpectedly" },
	{ "7036", "service changed state" },
	{ "7040", "service start type changed" },
	{ "7045", "service installed" },
};
static const struct title powershell[] = {
	{ "4103", "pipeline executed" },       { "4104", "script block" },
	{ "4105", "script block started" },    { "4106", "script block ended" },
	{ "40961", "console starting" },       { "40962", "console ready" },
	{ "53504", "listening for commands" }, { "400", "engine started" },
	{ "403", "engine stopped" },           { "600", "provider started" },
	{ "800", "pipeline details" },
};
static const struct {
	const char *channel;
	const struct title *titles;
	ptrdiff_t count;
} channels[] = {
	{ "Sysmon/Operational", sysmon, COUNTOF(sysmon) },
	{ "Security", security, COUNTOF(security) },
	{ "System", system_log, COUNTOF(system_log) },
	{ "PowerShell/Operational", powershell, COUNTOF(powershell) },
	{ "Windows PowerShell", powershell, COUNTOF(powershell) },
};
static const struct title logon_types[] = {
	{ "0", "system" },
	{ "2", "at the console" },
	{ "3", "network" },
	{ "4", "batch" },
	{ "5", "service" },
	{ "7", "unlock" },
	{ "8", "network, clear text" },
	{ "9", "new credentials" },
	{ "10", "remote desktop" },
	{ "11", "at the console, cached" },
	{ "12", "remote desktop, cached" },
	{ "13", "unlock, cached" },
};
static const struct title failures[] = {
	{ "0xc0000064", "no such user" },
	{ "0xc000006a", "wrong password" },
	{ "0xc000006d", "wrong user or password" },
	{ "0xc000006e", "not allowed" },
	{ "0xc000006f", "outside of hours" },
	{ "0xc0000070", "not from that machine" },
	{ "0xc0000071", "password expired" },
	{ "0xc0000072", "account disabled" },
	{ "0xc0000133", "clocks differ" },
	{ "0xc000015b", "this kind of logon is not granted" },
	{ "0xc0000193", "account expired" },
	{ "0xc0000224", "password must be changed" },
	{ "0xc0000234", "account locked" },
	{ "0xc0000413", "kept out by the firewall of authentication" },
	{ "0x6", "no such user" },
	{ "0x12", "disabled, expired or locked" },
	{ "0x17", "password expired" },
	{ "0x18", "wrong password" },
};

static str find(const struct title *titles, ptrdiff_t count, str id)
{
	for (ptrdiff_t i = 0; i < count; i++)
		if (str_eq_nocase(id, str_from(titles[i].id)))
			return str_from(titles[i].text);
	return S("");
}

str event_title(str channel, str id)
{
	for (ptrdiff_t i = 0; i < COUNTOF(channels); i++) {
		str end = str_from(channels[i].channel);
		if (channel.len >= end.len &&
		    str_eq_nocase(str_sub(channel, channel.len - end.len, channel.len), end))
			return find(channels[i].titles, channels[i].count, id);
	}
	return S("");
}

str event_logon_type(str number)
{
	return find(logon_types, COUNTOF(logon_types), number);
}

str event_logon_failure(str status)
{
	return find(failures, COUNTOF(failures), status);
}
