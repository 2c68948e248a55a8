#include "http/shape.h"

#define WORK_STATES     "=new|open|waiting|closed|reopened"
#define DELIVERIES      "=queued|sent|read|bounced|failed|held"
#define ROLES           "[=handler|shift_lead|directory_keeper|auditor|administrator|observer|" \
			"constituent]"

/* The id of a person or an organisation is a UUID, that of a team, sector or class a word of the regime.
 * A reporter and his contact are there for the coordinating team only. */
const struct shape SHAPES[] = {
	{ "Ref", "{id: text?, name: text}" },
	{ "Case", "{id: id, number: text, title: text}" },
	{ "Subject", "{...Case, report?: bool}" },
	{ "Marking", "{tlp: =RED|AMBER+STRICT|AMBER|GREEN|CLEAR, presumed: bool}" },
	{ "Undo", "{label: text, path: text, body: any}" },
	{ "Observable", "{type: text, value: text}" },
	{ "Source", "{text: text, url: text?}" },
	{ "Made", "{id: id}" },
	{ "Kept", "{sha256: text, size: int}" },
	{ "Hold", "{since: time, by: Ref?, reason: text}" },
	{ "Purge", "{id: id, words: text, target: id, asked_at: time, asked_by: Ref?, reason: text, "
		   "done_at: time?, done_by: Ref?}" },
	{ "PurgeRow", "{...Purge, team: Ref, entry?: int, incident: id?, report: id?}" },
	{ "Refs", "{items: [Ref]}" },
	{ "SessionRegime", "{id: text, title: text, notice: text?}" },
	{ "Session", "{person: {id: id, name: text, login: text}, team: Ref?, organisation: Ref?, "
		     "roles: " ROLES ", demonstration: bool, regime: SessionRegime, prefix: text, now: "
		"time}" },
	{ "DemoPeople", "{items: [{login: text, name: text, team: Ref?, organisation: Ref?, roles: " ROLES
			", line: text}]}" },
	{ "SessionRow", "{id: id, person: Ref, since: time, last_seen: time?, current: bool}" },
	{ "Account",
		"{id: id, login: text, name: text, mail: text, team: Ref?, organisation: Ref?, roles: " ROLES
		     ", state: =active|locked|disabled, code: bool, last_seen: time?}" },
	{ "Constituent",
		"{id: id, login: text, name: text, roles: " ROLES ", state: =active|locked|disabled, "
			 "last_seen: time?}" },
	{ "Offer", "{code_uri: text, code_text: text, qr: {size: int, modules: text}?}" },
	{ "Credentials", "{...Offer, id: id, password: text}" },
	{ "SignIn", "{id: id, at: time, login: text, outcome: =in|refused|locked|out, from: text?}" },
	{ "Token", "{id: id, name: text, owner: Ref, scopes: [text], created_at: time, expires_at: "
		   "time?, last_used: time?}" },
	{ "NewToken", "{id: id, token: text}" },
	{ "Severity", "{band: text, band_title: text, computed: text, computed_title: text, "
		      "score: int?, low: int?, high: int?, band_low: text, "
		      "band_high: text, provisional: bool, life_safety: bool, "
		      "floor: {title: text, band: text}?, "
		      "override: {band: text, reason: text, by: Ref, at: time}?, factors: (text)}" },
	{ "Clock", "{id: id, title: text, duty: text, step: text, who: text, incident: Subject, party: "
		   "Ref?, state: =waiting|running|met|late_with_reason|late|waived|not_applicable, "
		   "anchor: {fact: text, at: time?, said_by: text?}, due_at: time?, assumed: bool, "
		   "source: Source?, assumption: text?, met_at: time?, reason: text?, reminded?: "
		   "{count: int, at: time}, history: "
		   "[{due_at: time?, until: time, why: text}]}" },
	{ "ReportItem", "{id: id, number: text, title: text, excerpt: text, state: "
			"=new|attached|rejected, door: =web|phone|api|mail|portal, received_at: time, "
			"marking: Marking, class: text, sector: text, reporter?: {name: text, kind: "
			"=constituent|anonymous|public|peer, verified: bool, organisation: Ref?}, owner: "
			"Ref?, "
			"organisation: Ref?, team: Ref?, observables: [Observable], observable_count: "
			"int, incident: Case?, flags: [text]}" },
	{ "IncidentItem", "{id: id, number: text, title: text, state: " WORK_STATES ", resolution: "
			  "text?, waiting: {on: text, until: time?}?, owner: Ref?, team: Ref, sector: "
			  "text, class: text, severity: Severity, marking: Marking, opened_at: time, "
			  "updated_at: time, reports: int, parties: int, next_clock: Clock?}" },
	{ "Lookup", "{query: text, type: text, found: bool, organisation: {id: id, name: text, class: "
		    "text, sector: text}?, team: Ref?, matches: [{what: =network|domain|asn, value: "
		    "text, organisation: Ref, chosen: bool}], contacts: [Contact], why: [text]}" },
	{ "Contact", "{id: id, rank: int, name: text, role: text, address: text, phone: text?, note: "
		     "text?}" },
	{ "Report", "{...ReportItem, text: text, reporter_contact?: text?, attachments: [{id: text, "
		    "name: text, type: text, size: int, sha256: text}], raw: Kept?, owner_lookup: "
		    "Lookup?, similar: [ReportItem], related: [IncidentItem], answers: [{id: id, at: "
		    "time, by: Ref?, direction: =out|in, verified: bool, text: text, raw: Kept?}], "
		    "reject_reason: "
		    "text?, acknowledged: bool, answered: bool, entry: {id: id, leaf_hash: "
		    "text}, hold?: Hold?, purges?: [Purge]}" },
	{ "NewReport", "{id: id, number: text, claim_code?: text, receipt: {entry: id, leaf_hash: "
		       "text}}" },
	{ "Party", "{id: id, name: text, kind: =organisation|team|typed, organisation: Ref?, team: "
		   "Ref?, roles: [text], address: text?, contact: text?, affected: =yes|no|unknown, "
		   "facts: [{fact: text, value: text, at: time?, said_by: text, recorded_by: Ref?, "
		   "recorded_at: time}]}" },
	{ "Request", "{id: id, party: Ref, subject: text, asked_at: time, due_at: time?, state: "
		     "=open|answered|overdue|withdrawn, answered_at: time?}" },
	{ "Delivery", "{id: id, message: {id: id, subject: text}, party: Ref, address: text?, at: "
		      "time?, state: " DELIVERIES ", detail: text?, acknowledged_at: time?}" },
	{ "Incident", "{...IncidentItem, etag: text, regime: {id: text, version: text, title: text}, "
		      "transitions: [{to: " WORK_STATES ", action: text, allowed: bool, why_not: "
		      "text?}], parties: [Party], clocks: [Clock], requests: [Request], deliveries: "
		      "[Delivery], reports: [ReportItem], submissions: [Submission], flags: [Flag], "
		      "merged_into: Case?, merged: [Case], split_from: Case?, split_off: [Case], "
		      "campaign: [Case], "
		      "may_write: bool, hold?: Hold?, purges?: [Purge]}" },
	{ "Submission", "{id: id, party: Ref, duty: text, stage: text, title: text, submitted_at: time, "
			"said_by: =party|officer, recorded_by: Ref?, recorded_at: time, reference: text, "
			"text: text}" },
	{ "Flag", "{flag: text, title: text, criteria: [text], value: =yes|no|unknown, said_by: text?, "
		  "recorded_by: Ref?, recorded_at: time?}" },
	{ "Split", "{id: id, number: text, undo: Undo}" },
	{ "NewIncident", "{id: id, number: text, title: text, clocks: int, undo: Undo?}" },
	{ "Entry", "{id: text, at: time, kind: text, actor: Ref?, shape: =event|comment|message, "
		   "title: text, text: text?, purged: bool, marking: Marking?, message: {id: id, "
		   "direction: =out|in, party: Ref, verified: bool, deliveries: [Delivery], request: "
		   "Request?, raw: Kept?}?, undo: Undo?}" },
	{ "NewComment", "{id: id, shape: =comment, at: time}" },
	{ "Closing", "{clocks: [Clock], requests: [Request], unanswered: [{report: {id: id, number: "
		     "text}, name: text, received_at: time}]}" },
	{ "Preview", "{recipients: [{id: text, name: text, allowed: bool, address: text?, how: "
		     "=mail|notice|none, reason: text?}], sendable: bool, subject: text}" },
	{ "NewMessage", "{message: {id: id}, deliveries: [Delivery]}" },
	{ "Home", "{pressing: Clock?, new_reports: <ReportItem>, due: <Clock>, mine: <IncidentItem>, "
		  "nobodys: <IncidentItem>, overdue: {count: int, count_exact: bool}, untaken: "
		  "{count: int, count_exact: bool, oldest_at: time?, alerted_at: time?}, now: time}" },
	{ "Hit", "{kind: =report|incident|organisation|message, id: id, number: text?, title: text, "
		 "excerpt: text, at: time?, incident: Case?, state: text?}" },
	{ "Hits", "{items: [Hit], next: text?, count: int, count_exact: bool, read_as: "
		  "=number|address|network|domain|hash|sender|words}" },
	{ "OutboxItem", "{id: id, at: time?, to: Ref, address: text, subject: text, state: "
			DELIVERIES ", detail: text?, incident: Case?}" },
	{ "OrganisationItem", "{id: id, name: text, class: text, sector: text, province: text?, cii: "
			      "text?, team: Ref?, networks: int, domains: int, contacts: int}" },
	{ "Value", "{id: id, value: text}" },
	{ "Organisation", "{...OrganisationItem, contacts: [Contact], networks: [Value], domains: "
			  "[Value], incidents: <IncidentItem>, updated_at: time}" },
	{ "ImportResult", "{dry_run: bool, rows: [{line: int, fate: =add|change|same|refuse, name: "
			  "text, reason: text?}], add: int, change: int, same: int, refuse: int}" },
	{ "Duty", "{id: text, title: text, who: text, to: text, legal_status: text, anchor: text, "
		  "deadline: text, assumed: bool, source: Source?, assumption: text?}" },
	{ "Factor", "{id: text, title: text, weight: int, options: [{id: text, title: text, value: "
		    "int}]}" },
	{ "Regime", "{id: text, title: text, version: text, notice: text?, sources: [{id: text, title: "
		    "text, url: text?}], sectors: [Ref], classes: [Ref], provinces: [Ref], cii_grades: "
		    "[Ref], taxonomy: [{id: text, title: text, group: text}], bands: [{id: text, "
		    "title: text, min: int}], severity: {model: text, factors: [Factor], floors: "
		    "[{title: text, band: text}]}, marking: {tlp: text}, duties: [Duty]}" },
	{ "Checkpoint", "{origin: text, size: int, root: text, at: time, note?: text}" },
	{ "Journal", "{entries: int?, epoch: int, checkpoint: Checkpoint?, public_key: text?}" },
	{ "JournalEntry", "{id: text, seq: int, at: time, kind: text, actor: text, hash: text}" },
	{ "Proof", "{entry: {id: text, seq: int, at: time, kind: text}, leaf_hash: text, index: int, "
		   "size: int, root: text, path: [text], holds: bool, checkpoint: text, "
		   "text: text}" },
	{ "Verdict", "{ok: bool, entries: int?, purged: int, ms: int, checkpoint: Checkpoint?, "
		     "statement: text, broken: {seq: int, id: text, what: text}?, altered?: text}" },
	{ "MailItem", "{id: id, at: time, direction: =out|in, from: text, to: text, to_name: text, "
		      "subject: text, replied: bool, incident: Case?}" },
	{ "Numbers", "{rows: [{id: text, title: text}], columns: [{id: text, title: text}], counts: "
		     "[[int?]], total: int?}" },
	{ "Oversight", "{since: time, until: time, least: int, tables: {sector: Numbers, class: Numbers, "
		       "band: Numbers, month: Numbers, duties: Numbers}, medians_s: {take: int?, answer: "
		       "int?}}" },
	{ "OwnMessage",
		"{id: id, tlp: text, direction: =to_you|from_you, from: text, by: text, at: time, number: "
			"text?, unread: bool, acknowledged_at: time?, asks: bool, subject: text?}" },
	{ "OwnWords", "{...OwnMessage, text: text?}" },
	{ "OwnThread", "{...OwnWords, thread: [OwnWords]}" },
	{ "OwnRequest",
		"{id: id, tlp: text, from: text, number: text?, subject: text?, message: id?, unread: "
			"bool, asked_at: time, due_at: time?, state: =open|overdue|answered|withdrawn, "
			"answered_at: time?}" },
	{ "OwnDuty",
		"{id: id, tlp: text, title: text, duty: text, step: text, from: text, number: text?, state: "
		     "=waiting|running|met|late_with_reason|late|waived|not_applicable, open: bool, anchor: "
		     "text, anchor_at: time?, due_at: time?, assumed: bool, source: text, met_at: time?}" },
	{ "OwnSubmission",
		"{id: id, tlp: text, title: text, step: text, from: text, number: text?, at: time, "
			   "recorded_at: time, by_officer: bool, what: text?, effects: text?, measures: "
			"text?, "
			   "contact: text?, by: text?, detected_at: time?}" },
	{ "OwnReportItem",
		"{id: id, tlp: text, number: text, received_at: time, state: =new|attached|rejected, "
			   "from: text, title: text?, by: text, excerpt: text}" },
	{ "OwnReport",
		"{id: id, tlp: text, number: text, received_at: time, state: =new|attached|rejected, from: "
		       "text, title: text?, by: text, text: text?, thread: [OwnWords]}" },
	{ "OwnHome", "{organisation: Ref, messages: [OwnMessage], requests: [OwnRequest], duties: [OwnDuty], "
		     "unread: int, now: time}" },
	{ "OwnReceipt", "{id: id, number: text, received_at: time, leaf_hash: text}" },
	{ "Mail", "{...MailItem, headers: [{name: text, value: text}], text: text}" },
};
const ptrdiff_t SHAPES_COUNT = COUNTOF(SHAPES);
