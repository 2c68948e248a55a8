#include "model/taxonomy.h"

#include "base/buf.h"

#define CLASS(p, v, title, text)        { p ":" v, p, v, title, text }

static const struct taxonomy_class classes[] = {
	CLASS("abusive-content", "spam", "Spam", "Mail in bulk that nobody asked for."),
	CLASS("abusive-content", "harmful-speech", "Harmful speech",
	      "Bullying, threats or hatred against people."),
	CLASS("abusive-content", "violence", "Violence or sexual exploitation",
	      "Sexual abuse, also of children, or the glorifying of violence."),
	CLASS("malicious-code", "infected-system", "Infected system",
	      "A computer or phone on which malware runs."),
	CLASS("malicious-code", "c2-server", "C2 server",
	      "A server from which infected systems take their orders."),
	CLASS("malicious-code", "malware-distribution", "Malware distribution",
	      "A place from which malware is downloaded."),
	CLASS("malicious-code", "malware-configuration", "Malware configuration",
	      "A place from which malware takes its settings or web injects."),
	CLASS("information-gathering", "scanner", "Scanning",
	      "Probing of systems for weaknesses or services."),
	CLASS("information-gathering", "sniffing", "Sniffing", "Listening in on network traffic."),
	CLASS("information-gathering", "social-engineering", "Social engineering",
	      "Getting information out of people by lies, favours or threats."),
	CLASS("intrusion-attempts", "ids-alert", "Exploitation of known vulnerabilities",
	      "An attack on a weakness that has a name, such as a CVE id; it need not have succeeded."),
	CLASS("intrusion-attempts", "brute-force", "Login attempts",
	      "Guessing of passwords, one login after another."),
	CLASS("intrusion-attempts", "exploit", "New attack signature",
	      "An attack in a way that was not known before."),
	CLASS("intrusions", "privileged-account-compromise", "Privileged account compromised",
	      "Somebody else has an administrator's rights."),
	CLASS("intrusions", "unprivileged-account-compromise", "Unprivileged account compromised",
	      "Somebody else uses an ordinary user's or service's account."),
	CLASS("intrusions", "application-compromise", "Application compromised",
	      "Software was broken into, as by SQL injection; also a defaced web site."),
	CLASS("intrusions", "system-compromise", "System compromised",
	      "Somebody else can log in or run commands on a system."),
	CLASS("intrusions", "burglary", "Burglary", "Somebody broke into a building or a data centre."),
	CLASS("availability", "dos", "Denial of service", "One attacker makes a service crash or crawl."),
	CLASS("availability", "ddos", "Distributed denial of service",
	      "Many systems at once flood a service."),
	CLASS("availability", "misconfiguration", "Misconfiguration",
	      "A wrong setting makes a service fail."),
	CLASS("availability", "sabotage", "Sabotage",
	      "Somebody damages a system or cuts a cable on purpose."),
	CLASS("availability", "outage", "Outage",
	      "A failure of power, cooling, lines or nature, without an attacker."),
	CLASS("information-content-security", "unauthorised-information-access",
	      "Unauthorised access to information", "Somebody read what was not meant for them."),
	CLASS("information-content-security", "unauthorised-information-modification",
	      "Unauthorised change of information",
	      "Somebody changed or encrypted data; ransomware is here."),
	CLASS("information-content-security", "data-loss", "Loss of data",
	      "Data is gone: a broken disk, a stolen laptop."),
	CLASS("information-content-security", "data-leak", "Leak of confidential information",
	      "Credentials, personal or secret data are in the open."),
	CLASS("fraud", "unauthorised-use-of-resources", "Unauthorised use of resources",
	      "Somebody earns by means of systems that are not theirs, as by mining coins."),
	CLASS("fraud", "copyright", "Copyright", "Unlicensed copies of software or works are offered."),
	CLASS("fraud", "masquerade", "Masquerade", "Somebody pretends to be another person or organisation."),
	CLASS("fraud", "phishing", "Phishing",
	      "A false page or message to make people give away their credentials."),
	CLASS("vulnerable", "weak-crypto", "Weak cryptography",
	      "A public service with ciphers that can be broken."),
	CLASS("vulnerable", "ddos-amplifier", "DDoS amplifier",
	      "A public service that multiplies what an attacker sends."),
	CLASS("vulnerable", "potentially-unwanted-accessible", "Potentially unwanted accessible service",
	      "A service that hardly should be public, such as Telnet or RDP."),
	CLASS("vulnerable", "information-disclosure", "Information disclosure",
	      "A public service that gives away what it should not, such as SNMP or Redis."),
	CLASS("vulnerable", "vulnerable-system", "Vulnerable system",
	      "A system with a weakness that can be attacked."),
	CLASS("other", "other", "Uncategorised", "None of the other classes fits."),
	CLASS("other", "undetermined", "Undetermined", "Not known yet."),
	CLASS("test", "test", "Test", "An exercise or a test: no incident."),
};

static const struct taxonomy_predicate predicates[] = {
	{ "abusive-content", "Abusive content" },
	{ "malicious-code", "Malicious code" },
	{ "information-gathering", "Information gathering" },
	{ "intrusion-attempts", "Intrusion attempts" },
	{ "intrusions", "Intrusions" },
	{ "availability", "Availability" },
	{ "information-content-security", "Information content security" },
	{ "fraud", "Fraud" },
	{ "vulnerable", "Vulnerable" },
	{ "other", "Other" },
	{ "test", "Test" },
};

_Static_assert(COUNTOF(classes) == TAXONOMY_CLASSES && COUNTOF(predicates) == TAXONOMY_PREDICATES,
	       "RSIT 1003");

/* Other spellings, already in the form that `normalise` makes.  IntelMQ's types are all here, those that
 * RSIT does not have at the nearest class; so are the words of n6, XARF, RTIR and people. */
static const struct { const char *alias, *id; } aliases[] = {
	{ "account-compromise", "intrusions:unprivileged-account-compromise" },
	{ "amplifier", "vulnerable:ddos-amplifier" },
	{ "backdoor", "intrusions:system-compromise" },
	{ "blacklist", "other:other" },
	{ "blocklist", "other:other" },
	{ "bot", "malicious-code:infected-system" },
	{ "botnet", "malicious-code:infected-system" },
	{ "botnet-drone", "malicious-code:infected-system" },
	{ "bots", "malicious-code:infected-system" },
	{ "bruteforce", "intrusion-attempts:brute-force" },
	{ "bulk-mail", "abusive-content:spam" },
	{ "c&c", "malicious-code:c2-server" },
	{ "c2", "malicious-code:c2-server" },
	{ "c2server", "malicious-code:c2-server" },
	{ "child-abuse", "abusive-content:violence" },
	{ "cnc", "malicious-code:c2-server" },
	{ "command-and-control", "malicious-code:c2-server" },
	{ "compromised", "intrusions:system-compromise" },
	{ "cryptojacking", "fraud:unauthorised-use-of-resources" },
	{ "cryptomining", "fraud:unauthorised-use-of-resources" },
	{ "csam", "abusive-content:violence" },
	{ "data-breach", "information-content-security:data-leak" },
	{ "ddos-attack", "availability:ddos" },
	{ "deface", "intrusions:application-compromise" },
	{ "defaced", "intrusions:application-compromise" },
	{ "defacement", "intrusions:application-compromise" },
	{ "denial-of-service", "availability:dos" },
	{ "dga-domain", "other:other" },
	{ "dga-domains", "other:other" },
	{ "distributed-denial-of-service", "availability:ddos" },
	{ "dos-attacker", "availability:dos" },
	{ "dos-victim", "availability:dos" },
	{ "dropzone", "malicious-code:malware-distribution" },
	{ "exploit-url", "malicious-code:malware-distribution" },
	{ "exposed", "vulnerable:potentially-unwanted-accessible" },
	{ "hacked", "intrusions:system-compromise" },
	{ "harassment", "abusive-content:harmful-speech" },
	{ "hate-speech", "abusive-content:harmful-speech" },
	{ "ids", "intrusion-attempts:ids-alert" },
	{ "impersonation", "fraud:masquerade" },
	{ "infection", "malicious-code:infected-system" },
	{ "information-leak", "information-content-security:data-leak" },
	{ "leak", "information-content-security:data-leak" },
	{ "leaked-credentials", "information-content-security:data-leak" },
	{ "login-attack", "intrusion-attempts:brute-force" },
	{ "login-attempts", "intrusion-attempts:brute-force" },
	{ "malurl", "malicious-code:malware-distribution" },
	{ "malware", "malicious-code:infected-system" },
	{ "malware-action", "malicious-code:malware-configuration" },
	{ "malware-download", "malicious-code:malware-distribution" },
	{ "open-resolver", "vulnerable:ddos-amplifier" },
	{ "open-service", "vulnerable:potentially-unwanted-accessible" },
	{ "phish", "fraud:phishing" },
	{ "phishing-url", "fraud:phishing" },
	{ "piracy", "fraud:copyright" },
	{ "port-scan", "information-gathering:scanner" },
	{ "potentially-unwanted-accessible-services", "vulnerable:potentially-unwanted-accessible" },
	{ "proxy", "other:other" },
	{ "ransomware", "information-content-security:unauthorised-information-modification" },
	{ "sandbox-url", "malicious-code:malware-distribution" },
	{ "scam", "fraud:masquerade" },
	{ "scan", "information-gathering:scanner" },
	{ "scanning", "information-gathering:scanner" },
	{ "server-exploit", "intrusions:application-compromise" },
	{ "service-vulnerable", "vulnerable:vulnerable-system" },
	{ "spam-url", "abusive-content:spam" },
	{ "spear-phishing", "fraud:phishing" },
	{ "spoofing", "fraud:masquerade" },
	{ "sql-injection", "intrusions:application-compromise" },
	{ "tor", "other:other" },
	{ "trademark", "fraud:copyright" },
	{ "unauthorised-command", "intrusions:system-compromise" },
	{ "unauthorised-login", "intrusions:system-compromise" },
	{ "unknown", "other:undetermined" },
	{ "unwanted-accessible-service", "vulnerable:potentially-unwanted-accessible" },
	{ "virus", "malicious-code:infected-system" },
	{ "vulnerability", "vulnerable:vulnerable-system" },
	{ "vulnerable-client", "vulnerable:vulnerable-system" },
	{ "vulnerable-service", "vulnerable:vulnerable-system" },
	{ "web-shell", "intrusions:system-compromise" },
	{ "webinject", "malicious-code:malware-configuration" },
	{ "webshell", "intrusions:system-compromise" },
	{ "website-defacement", "intrusions:application-compromise" },
};

enum { NAME_MAX_LENGTH = 96 };

const struct taxonomy_class *taxonomy_at(ptrdiff_t i)
{
	return i >= 0 && i < COUNTOF(classes) ? &classes[i] : NULL;
}

const struct taxonomy_predicate *taxonomy_predicate_at(ptrdiff_t i)
{
	return i >= 0 && i < COUNTOF(predicates) ? &predicates[i] : NULL;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Lower case, runs of blanks and underscores as one hyphen, no quotes, : for / and =, British spelling, no
 * "rsit:". */
static str normalise(str text, char out[static NAME_MAX_LENGTH])
{
	ptrdiff_t n = 0;
	str s = str_trim(text);
	if (str_starts_nocase(s, S("rsit:")))
		s = str_sub(s, 5, s.len);
	for (ptrdiff_t i = 0; i < s.len; i++) {
		char c = lower(s.ptr[i]);
		if (c == '"')
			continue;
		if (c == '/' || c == '=')
			c = ':';
		if (c == ' ' || c == '_' || c == '\t')
			c = '-';
		if (c == '-' && n > 0 && out[n - 1] == '-')
			continue;
		if (n == NAME_MAX_LENGTH)
			return (str){ 0 };
		out[n++] = c;
	}
	ptrdiff_t american = str_find((str){ out, n }, S("unauthorized"));
	if (american >= 0)
		out[american + 9] = 's';
	return (str){ out, n };
}

static const struct taxonomy_class *find_id(str id)
{
	for (ptrdiff_t i = 0; i < COUNTOF(classes); i++)
		if (str_eq(str_from(classes[i].id), id))
			return &classes[i];
	return NULL;
}

const struct taxonomy_class *taxonomy_find(str text)
{
	char space[NAME_MAX_LENGTH];
	str name = normalise(text, space);
	const struct taxonomy_class *class = find_id(name);
	for (ptrdiff_t i = 0; class == NULL && i < COUNTOF(classes); i++)
		if (str_eq(str_from(classes[i].value), name) ||
		    str_eq_nocase(str_from(classes[i].title), str_trim(text)))
			class = &classes[i];
	for (ptrdiff_t i = 0; class == NULL && i < COUNTOF(aliases); i++)
		if (str_eq(str_from(aliases[i].alias), name))
			class = find_id(str_from(aliases[i].id));
	return class;
}

bool taxonomy_parse(str text, const struct taxonomy_class **out_class, struct err *err)
{
	const struct taxonomy_class *class = taxonomy_find(text);
	if (class == NULL)
		return err_set(err, ERR_INPUT,
			       "no class of RSIT: use one such as fraud:phishing or availability:ddos");
	*out_class = class;
	return true;
}

str taxonomy_machine_tag(struct arena *a, const struct taxonomy_class *class)
{
	return arena_printf(a, "rsit:%s=\"%s\"", class->predicate, class->value);
}

/* What words in a report speak for, and how loudly.  A star at the end matches any ending.  The weights
 * are ours: a word that names the class is 6, one that usually goes with it 3, a hint 1 or 2. */
static const struct clue { const char *words; const char *id; int weight; } clues[] = {
	{ "phish*", "fraud:phishing", 6 },
	{ "fake login", "fraud:phishing", 6 },
	{ "fake website", "fraud:phishing", 4 },
	{ "login page", "fraud:phishing", 3 },
	{ "credential harvest*", "fraud:phishing", 6 },
	{ "enter their password*", "fraud:phishing", 4 },
	{ "smishing", "fraud:phishing", 6 },
	{ "ransom*", "information-content-security:unauthorised-information-modification", 7 },
	{ "files encrypted", "information-content-security:unauthorised-information-modification", 5 },
	{ "encrypted files", "information-content-security:unauthorised-information-modification", 5 },
	{ "decryption key", "information-content-security:unauthorised-information-modification", 3 },
	{ "lockbit", "information-content-security:unauthorised-information-modification", 6 },
	{ "ddos", "availability:ddos", 6 },
	{ "distributed denial", "availability:ddos", 7 },
	{ "syn flood*", "availability:ddos", 5 },
	{ "udp flood*", "availability:ddos", 5 },
	{ "reflection attack*", "availability:ddos", 5 },
	{ "denial of service", "availability:dos", 4 },
	{ "outage*", "availability:outage", 3 },
	{ "power failure", "availability:outage", 5 },
	{ "fibre cut", "availability:outage", 5 },
	{ "fiber cut", "availability:outage", 5 },
	{ "sabotage*", "availability:sabotage", 6 },
	{ "deface*", "intrusions:application-compromise", 6 },
	{ "hacked by", "intrusions:application-compromise", 5 },
	{ "sql injection", "intrusions:application-compromise", 5 },
	{ "webshell*", "intrusions:system-compromise", 6 },
	{ "web shell*", "intrusions:system-compromise", 6 },
	{ "backdoor*", "intrusions:system-compromise", 4 },
	{ "intruder*", "intrusions:system-compromise", 3 },
	{ "reverse shell", "intrusions:system-compromise", 5 },
	{ "lateral movement", "intrusions:system-compromise", 4 },
	{ "domain admin*", "intrusions:privileged-account-compromise", 4 },
	{ "root access", "intrusions:privileged-account-compromise", 5 },
	{ "administrator account", "intrusions:privileged-account-compromise", 4 },
	{ "account hacked", "intrusions:unprivileged-account-compromise", 5 },
	{ "account was hacked", "intrusions:unprivileged-account-compromise", 5 },
	{ "mailbox compromised", "intrusions:unprivileged-account-compromise", 5 },
	{ "burglar*", "intrusions:burglary", 6 },
	{ "malware", "malicious-code:infected-system", 3 },
	{ "infected", "malicious-code:infected-system", 4 },
	{ "infection*", "malicious-code:infected-system", 3 },
	{ "trojan*", "malicious-code:infected-system", 4 },
	{ "virus", "malicious-code:infected-system", 3 },
	{ "sinkhole*", "malicious-code:infected-system", 5 },
	{ "botnet*", "malicious-code:infected-system", 4 },
	{ "stealer*", "malicious-code:infected-system", 4 },
	{ "infostealer*", "malicious-code:infected-system", 5 },
	{ "c2", "malicious-code:c2-server", 5 },
	{ "c2 server*", "malicious-code:c2-server", 3 },
	{ "command and control", "malicious-code:c2-server", 6 },
	{ "cobalt strike", "malicious-code:c2-server", 4 },
	{ "hosting malware", "malicious-code:malware-distribution", 6 },
	{ "distributing malware", "malicious-code:malware-distribution", 6 },
	{ "malicious download", "malicious-code:malware-distribution", 5 },
	{ "malicious apk", "malicious-code:malware-distribution", 5 },
	{ "payload", "malicious-code:malware-distribution", 2 },
	{ "port scan*", "information-gathering:scanner", 6 },
	{ "portscan*", "information-gathering:scanner", 6 },
	{ "scanning", "information-gathering:scanner", 4 },
	{ "scanner*", "information-gathering:scanner", 3 },
	{ "probing", "information-gathering:scanner", 3 },
	{ "sniff*", "information-gathering:sniffing", 5 },
	{ "social engineering", "information-gathering:social-engineering", 6 },
	{ "vishing", "information-gathering:social-engineering", 5 },
	{ "caller pretended", "information-gathering:social-engineering", 5 },
	{ "brute force*", "intrusion-attempts:brute-force", 6 },
	{ "bruteforce*", "intrusion-attempts:brute-force", 6 },
	{ "failed login*", "intrusion-attempts:brute-force", 5 },
	{ "login attempts", "intrusion-attempts:brute-force", 5 },
	{ "failed password*", "intrusion-attempts:brute-force", 5 },
	{ "password spray*", "intrusion-attempts:brute-force", 6 },
	{ "exploit attempt*", "intrusion-attempts:ids-alert", 5 },
	{ "attempted to exploit", "intrusion-attempts:ids-alert", 5 },
	{ "zero day", "intrusion-attempts:exploit", 5 },
	{ "0day", "intrusion-attempts:exploit", 5 },
	{ "leak", "information-content-security:data-leak", 4 },
	{ "leaked", "information-content-security:data-leak", 5 },
	{ "data breach", "information-content-security:data-leak", 5 },
	{ "dark web", "information-content-security:data-leak", 4 },
	{ "dump of", "information-content-security:data-leak", 3 },
	{ "stolen laptop", "information-content-security:data-loss", 6 },
	{ "lost laptop", "information-content-security:data-loss", 6 },
	{ "data loss", "information-content-security:data-loss", 5 },
	{ "unauthorised access", "information-content-security:unauthorised-information-access", 3 },
	{ "unauthorized access", "information-content-security:unauthorised-information-access", 3 },
	{ "cryptomin*", "fraud:unauthorised-use-of-resources", 6 },
	{ "coin miner", "fraud:unauthorised-use-of-resources", 5 },
	{ "xmrig", "fraud:unauthorised-use-of-resources", 6 },
	{ "pirated", "fraud:copyright", 5 },
	{ "copyright", "fraud:copyright", 4 },
	{ "impersonat*", "fraud:masquerade", 5 },
	{ "fake profile*", "fraud:masquerade", 5 },
	{ "pretending to be", "fraud:masquerade", 4 },
	{ "open resolver*", "vulnerable:ddos-amplifier", 6 },
	{ "amplif*", "vulnerable:ddos-amplifier", 3 },
	{ "weak cipher*", "vulnerable:weak-crypto", 6 },
	{ "sslv3", "vulnerable:weak-crypto", 5 },
	{ "poodle", "vulnerable:weak-crypto", 5 },
	{ "exposed rdp", "vulnerable:potentially-unwanted-accessible", 6 },
	{ "open telnet", "vulnerable:potentially-unwanted-accessible", 6 },
	{ "publicly accessible", "vulnerable:potentially-unwanted-accessible", 4 },
	{ "directory listing", "vulnerable:information-disclosure", 5 },
	{ "vulnerab*", "vulnerable:vulnerable-system", 3 },
	{ "unpatched", "vulnerable:vulnerable-system", 4 },
	{ "xss", "vulnerable:vulnerable-system", 4 },
	{ "spam*", "abusive-content:spam", 4 },
	{ "unsolicited", "abusive-content:spam", 3 },
	{ "harass*", "abusive-content:harmful-speech", 5 },
	{ "hate speech", "abusive-content:harmful-speech", 6 },
	{ "bullying", "abusive-content:harmful-speech", 5 },
	{ "child sexual", "abusive-content:violence", 8 },
	{ "child abuse", "abusive-content:violence", 8 },
};

enum { GUESS_HEAD = 16384, GUESS_LEAST = 3, WHY_MAX = 200 };

/* Does the clue stand at s, as whole words?  Blanks in it match any run of blanks and hyphens. */
static bool clue_matches(const char *words, str s)
{
	ptrdiff_t i = 0;
	for (; *words != '\0' && *words != '*'; words++) {
		if (*words != ' ') {
			if (i >= s.len || lower(s.ptr[i++]) != *words)
				return false;
			continue;
		}
		ptrdiff_t from = i;
		while (i < s.len && i - from < 8 &&
		       (s.ptr[i] == ' ' || s.ptr[i] == '-' || s.ptr[i] == '\n' || s.ptr[i] == '\r'))
			i++;
		if (i == from)
			return false;
	}
	return *words == '*' || i >= s.len || !is_alnum(lower(s.ptr[i]));
}

/* Clues by their first letter: one walk over the words, instead of one a clue. */
struct clue_index {
	int16_t first[256], next[COUNTOF(clues)]; /* -1: none */
};

static void clue_index_init(struct clue_index *x)
{
	memset(x->first, 0xFF, sizeof(x->first));
	for (int i = COUNTOF(clues) - 1; i >= 0; i--) {
		unsigned char c = (unsigned char)clues[i].words[0];
		x->next[i] = x->first[c];
		x->first[c] = (int16_t)i;
	}
}

static void find_clues(str s, bool stands[static COUNTOF(clues)])
{
	struct clue_index x;
	clue_index_init(&x);
	memset(stands, 0, COUNTOF(clues) * sizeof(*stands));
	for (ptrdiff_t i = 0; i < s.len; i++) {
		if (i > 0 && is_alnum(s.ptr[i - 1]))
			continue;
		for (int c = x.first[(unsigned char)s.ptr[i]]; c >= 0; c = x.next[c])
			stands[c] = stands[c] || clue_matches(clues[c].words, str_sub(s, i, s.len));
	}
}

static str lowered(struct arena *a, str s)
{
	char *p = NEW(a, char, s.len + 1);
	for (ptrdiff_t i = 0; i < s.len; i++)
		p[i] = lower(s.ptr[i]);
	return (str){ p, s.len };
}

static str reason(struct arena *a, const bool *stands, const struct taxonomy_class *class)
{
	struct buf b;
	buf_init(&b, a, WHY_MAX);
	buf_add(&b, S("the report says "));
	bool first = true;
	for (ptrdiff_t i = 0; i < COUNTOF(clues); i++)
		if (stands[i] && str_eq(str_from(clues[i].id), str_from(class->id))) {
			str words = str_from(clues[i].words);
			bool star = str_ends(words, S("*"));
			buf_printf(&b, "%s\"%.*s%s\"", first ? "" : ", ", (int)(words.len - star), words.ptr,
				   star ? "..." : "");
			first = false;
		}
	return buf_str(&b);
}

struct taxonomy_guess taxonomy_guess(struct arena *a, str text)
{
	int scores[TAXONOMY_CLASSES] = { 0 }, best = 0;
	bool stands[COUNTOF(clues)];
	str s = lowered(a, str_sub(text, 0, GUESS_HEAD));
	find_clues(s, stands);
	for (ptrdiff_t i = 0; i < COUNTOF(clues); i++) {
		const struct taxonomy_class *class = stands[i] ? find_id(str_from(clues[i].id)) : classes;
		ASSERT(class != NULL);
		scores[class - classes] += stands[i] ? clues[i].weight : 0;
	}
	for (int i = 1; i < TAXONOMY_CLASSES; i++)
		best = scores[i] > scores[best] ? i : best;
	if (scores[best] < GUESS_LEAST)
		return (struct taxonomy_guess){ 0 };
	return (struct taxonomy_guess){ &classes[best], reason(a, stands, &classes[best]) };
}
