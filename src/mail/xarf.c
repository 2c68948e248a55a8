#include "mail/xarf.h"

#include "format/json.h"

#define SHOW(s)         (int)MIN((s).len, 40), (s).ptr          /* foreign text in an error: a little of it */

static const char *const categories[] = {
	"messaging", "content", "copyright", "connection", "vulnerability", "infrastructure", "reputation",
};

/* v3 names and what they are in v4 (xarf-spec, docs/specification.md, "Backwards Compatibility"). */
static const struct lifted_type { const char *v3, *category, *type; } lifted_types[] = {
	{ "spam", "messaging", "spam" }, { "bulkmessaging", "messaging", "bulk_messaging" },
	{ "phishing", "content", "phishing" }, { "fraud", "content", "fraud" },
	{ "malware", "content", "malware" },
	{ "childabuse", "content", "csam" }, { "webhack", "content", "remote_compromise" },
	{ "defacement", "content", "remote_compromise" }, { "trademark", "content", "brand_infringement" },
	{ "copyright", "copyright", "copyright" }, { "loginattack", "connection", "login_attack" },
	{ "login-attack", "connection", "login_attack" }, { "portscan", "connection", "port_scan" },
	{ "ddos", "connection", "ddos" }, { "scraping", "connection", "scraping" },
	{ "exploit", "connection", "vulnerability_scan" }, { "bot", "infrastructure", "botnet" },
	{ "botnet", "infrastructure", "botnet" },
	{ "compromisedserver", "infrastructure", "compromised_server" },
	{ "open", "vulnerability", "open_service" }, { "openservice", "vulnerability", "open_service" },
	{ "vulnerability", "vulnerability", "misconfiguration" }, { "blocklist", "reputation", "blocklist" },
};

bool xarf_likely(str text)
{
	str head = str_trim(text);
	if (head.len == 0 || head.ptr[0] != '{')
		return false;
	return str_find(head, S("\"xarf_version\"")) >= 0 ||
		(str_find(head, S("\"ReporterInfo\"")) >= 0 && str_find(head, S("\"Report\"")) >= 0);
}

static bool xarf_need(const struct json *object, const char *key, str *out, struct err *err)
{
	str value = json_get_str(object, key);
	if (str_trim(value).len == 0)
		return err_set(err, ERR_INPUT, "XARF: the field \"%s\" is missing or no text", key);
	*out = value;
	return true;
}

static bool xarf_time(str text, struct instant *out_t, struct err *err)
{
	if (!instant_parse(text, out_t, err))
		return err_wrap(err, "XARF: the timestamp");
	return true;
}

/* `domain` is required by v4.2, yet reports of 4.0 lack it. */
static bool xarf_contact(const struct json *report, const char *key, struct xarf_contact *out,
	struct err *err)
{
	const struct json *contact = json_get(report, key);
	if (contact == NULL || json_type(contact) != JSON_OBJECT)
		return err_set(err, ERR_INPUT, "XARF: the field \"%s\" is missing or no object", key);
	out->domain = json_get_str(contact, "domain");
	return xarf_need(contact, "org", &out->org, err) && xarf_need(contact, "contact", &out->contact, err);
}

static bool xarf_category(str category, struct err *err)
{
	for (ptrdiff_t i = 0; i < COUNTOF(categories); i++)
		if (str_eq(category, str_from(categories[i])))
			return true;
	return err_set(err, ERR_INPUT,
		"XARF: v4 has no category \"%.*s\"; the field \"category\" must be messaging, content, "
		"copyright, connection, vulnerability, infrastructure or reputation", SHOW(category));
}

/* What the schemas of all types of a category require, and senders do fill in. */
static bool xarf_rules(const struct xarf_report *r, struct err *err)
{
	bool messaging = str_eq(r->category, S("messaging"));
	if (messaging && r->protocol.len == 0)
		return err_set(err, ERR_INPUT, "XARF: category messaging needs the field \"protocol\"");
	if (messaging && str_eq(r->protocol, S("smtp")) && (r->smtp_from.len == 0 || r->source_port == 0))
		return err_set(err, ERR_INPUT,
			"XARF: protocol smtp needs the fields \"smtp_from\" and \"source_port\"");
	if (str_eq(r->category, S("content")) && r->url.len == 0)
		return err_set(err, ERR_INPUT, "XARF: category content needs the field \"url\"");
	return true;
}

static bool xarf_port(const struct json *j, const char *key, int64_t *out_port, struct err *err)
{
	int64_t port = json_get_int(j, key);
	if (json_get(j, key) != NULL && (port < 1 || port > 65535))
		return err_set(err, ERR_INPUT, "XARF: the field \"%s\" must be a number from 1 to 65535",
			key);
	*out_port = port;
	return true;
}

static bool xarf_v4(const struct json *j, struct xarf_report *r, struct err *err)
{
	str timestamp;
	if (!xarf_need(j, "xarf_version", &r->version, err) ||
	    !xarf_need(j, "report_id", &r->report_id, err) ||
	    !xarf_need(j, "timestamp", &timestamp, err) || !xarf_time(timestamp, &r->timestamp, err) ||
	    !xarf_contact(j, "reporter", &r->reporter, err) || !xarf_contact(j, "sender", &r->sender, err) ||
	    !xarf_need(j, "source_identifier", &r->source_identifier, err) ||
	    !xarf_need(j, "category", &r->category, err) || !xarf_category(r->category, err) ||
	    !xarf_need(j, "type", &r->type, err) || !xarf_port(j, "source_port", &r->source_port, err))
		return false;
	if (!str_starts(r->version, S("4.")))
		return err_set(err, ERR_INPUT, "XARF: version \"%.*s\" is not known here; 4.x.x and 3 are",
			SHOW(r->version));
	r->evidence_source = json_get_str(j, "evidence_source");
	r->description = json_get_str(j, "description");
	r->url = json_get_str(j, "url");
	r->protocol = json_get_str(j, "protocol");
	r->smtp_from = json_get_str(j, "smtp_from");
	r->subject = json_get_str(j, "subject");
	r->evidence_count = json_count(json_get(j, "evidence"));
	return xarf_rules(r, err);
}

static str first_str(const struct json *j, const char *const *keys, ptrdiff_t count)
{
	for (ptrdiff_t i = 0; i < count; i++) {
		str value = json_get_str(j, keys[i]);
		if (value.len > 0)
			return value;
	}
	return (str){ 0 };
}

#define FIRST_STR(j, ...) \
	first_str((j), (const char *const[]){ __VA_ARGS__ }, COUNTOF(((const char *const[]){ __VA_ARGS__ })))

static bool xarf_lift_type(const struct json *report, struct xarf_report *r, struct err *err)
{
	str type;
	if (!xarf_need(report, "ReportType", &type, err))
		return false;
	for (ptrdiff_t i = 0; i < COUNTOF(lifted_types); i++)
		if (str_eq_nocase(type, str_from(lifted_types[i].v3))) {
			r->category = str_from(lifted_types[i].category);
			r->type = str_from(lifted_types[i].type);
			return true;
		}
	return err_set(err, ERR_INPUT, "XARF: v3's ReportType \"%.*s\" has no place in v4", SHOW(type));
}

/* Two shapes are about: flat (SourceIp, Samples) and nested (Source.IP, Attachment, AdditionalInfo). */
static bool xarf_v3(const struct json *j, struct xarf_report *r, struct err *err)
{
	const struct json *who = json_get(j, "ReporterInfo"), *report = json_get(j, "Report");
	const struct json *source = json_get(report, "Source"), *more = json_get(report, "AdditionalInfo");
	str timestamp;
	r->lifted = true;
	r->version = json_get_str(j, "Version");
	if (!xarf_need(who, "ReporterOrg", &r->reporter.org, err) || !xarf_lift_type(report, r, err) ||
	    !xarf_need(report, "Date", &timestamp, err) || !xarf_time(timestamp, &r->timestamp, err) ||
	    !xarf_port(report, "SourcePort", &r->source_port, err))
		return false;
	if (r->source_port == 0 && !xarf_port(source, "Port", &r->source_port, err))
		return false;
	r->reporter.contact = FIRST_STR(who, "ReporterOrgEmail", "ReporterContactEmail");
	r->reporter.domain = json_get_str(who, "ReporterOrgDomain");
	r->sender = r->reporter;
	r->url = FIRST_STR(report, "Url", "URL", "SourceUrl");
	if (r->url.len == 0)
		r->url = FIRST_STR(source, "URL", "Url");
	r->source_identifier = FIRST_STR(report, "SourceIp", "SourceIP", "SourceUrl", "SourceDomain");
	if (r->source_identifier.len == 0)
		r->source_identifier = FIRST_STR(source, "IP", "Ip", "URL", "Domain");
	if (r->source_identifier.len == 0)
		return err_set(err, ERR_INPUT, "XARF: the v3 report names no source");
	r->protocol = str_eq(r->category, S("messaging")) ? S("smtp") : json_get_str(more, "Protocol");
	r->smtp_from = json_get_str(report, "SmtpMailFromAddress");
	if (r->smtp_from.len == 0)
		r->smtp_from = json_get_str(more, "SMTPFrom");
	r->subject = FIRST_STR(report, "SmtpMessageSubject", "Subject");
	if (r->subject.len == 0)
		r->subject = json_get_str(more, "Subject");
	r->evidence_source = FIRST_STR(more, "DetectionMethod");
	r->description = FIRST_STR(report, "AdditionalInformation", "Comment");
	r->evidence_count = json_count(json_get(report, "Samples")) + json_count(json_get(report,
		"Attachment"));
	return true;
}

bool xarf_parse(struct arena *a, str text, struct xarf_report *out_report, struct err *err)
{
	struct xarf_report r = { 0 };
	struct json *j = NULL;
	if (!json_parse(a, text, (struct json_limits){ 32, XARF_SIZE_MAX }, &j, err))
		return err_wrap(err, "XARF");
	if (json_type(j) != JSON_OBJECT)
		return err_set(err, ERR_INPUT, "XARF: a report is a JSON object");
	r.json = j;
	bool ok = json_get(j, "xarf_version") ? xarf_v4(j, &r, err) : xarf_v3(j, &r, err);
	if (ok)
		*out_report = r;
	return ok;
}
