#include "net/tls.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include "base/buf.h"

enum { FINGERPRINT_BYTES = 32, SERIAL_BYTES = 16 };

struct maker {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t certificate;
};

static int name_it(struct maker *m, const char *host)
{
	static const uint8_t v4[4] = { 127, 0, 0, 1 };
	static const uint8_t v6[16] = { [15] = 1 };
	gnutls_x509_crt_t c = m->certificate;
	int bad = gnutls_x509_crt_set_dn_by_oid(c, GNUTLS_OID_X520_COMMON_NAME, 0, host,
						(unsigned)MIN(strlen(host), 64));
	bad = bad ? bad
		  : gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host),
							 GNUTLS_FSAN_SET);
	bad = bad ? bad
		  : gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_DNSNAME, "localhost", 9,
							 GNUTLS_FSAN_APPEND);
	bad = bad ? bad
		  : gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_IPADDRESS, v4, sizeof(v4),
							 GNUTLS_FSAN_APPEND);
	return bad ? bad
		   : gnutls_x509_crt_set_subject_alt_name(c, GNUTLS_SAN_IPADDRESS, v6, sizeof(v6),
							  GNUTLS_FSAN_APPEND);
}

static int sign_it(struct maker *m, struct instant now)
{
	gnutls_x509_crt_t c = m->certificate;
	uint8_t serial[SERIAL_BYTES];
	time_t from = (time_t)(now.us / 1000000) - 86400; /* clocks of readers differ */
	int bad = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
	serial[0] &= 0x7F; /* a positive number */
	bad = bad ? bad : gnutls_x509_crt_set_version(c, 3);
	bad = bad ? bad : gnutls_x509_crt_set_serial(c, serial, sizeof(serial));
	bad = bad ? bad : gnutls_x509_crt_set_activation_time(c, from);
	bad = bad ? bad : gnutls_x509_crt_set_expiration_time(c, from + (time_t)TLS_SELF_SIGNED_DAYS * 86400);
	bad = bad ? bad : gnutls_x509_crt_set_basic_constraints(c, 0, -1);
	bad = bad ? bad : gnutls_x509_crt_set_key_usage(c, GNUTLS_KEY_DIGITAL_SIGNATURE);
	bad = bad ? bad : gnutls_x509_crt_set_key_purpose_oid(c, GNUTLS_KP_TLS_WWW_SERVER, 0);
	bad = bad ? bad : gnutls_x509_crt_set_key(c, m->key);
	return bad ? bad : gnutls_x509_crt_sign2(c, c, m->key, GNUTLS_DIG_SHA256, 0);
}

static int export_it(struct maker *m, struct arena *a, struct tls_pair *out)
{
	gnutls_datum_t certificate = { 0 }, key = { 0 };
	int bad = gnutls_x509_crt_export2(m->certificate, GNUTLS_X509_FMT_PEM, &certificate);
	bad = bad ? bad
		  : gnutls_x509_privkey_export2_pkcs8(m->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
						      &key);
	if (!bad) {
		out->certificate_pem =
			arena_dup(a, (str){ (const char *)certificate.data, (ptrdiff_t)certificate.size });
		out->key_pem = arena_dup(a, (str){ (const char *)key.data, (ptrdiff_t)key.size });
		gnutls_memset(key.data, 0, key.size);
	}
	gnutls_free(certificate.data);
	gnutls_free(key.data);
	return bad;
}

bool tls_self_signed(struct arena *a, str host, struct instant now, struct tls_pair *out_pair,
		     struct err *err)
{
	struct maker m = { 0 };
	struct tls_pair pair = { 0 };
	const char *name = arena_cstr(a, host);
	int bad = gnutls_x509_privkey_init(&m.key);
	bad = bad ? bad : gnutls_x509_crt_init(&m.certificate);
	bad = bad ? bad
		  : gnutls_x509_privkey_generate(m.key, GNUTLS_PK_ECDSA,
						 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	bad = bad ? bad : name_it(&m, name);
	bad = bad ? bad : sign_it(&m, now);
	bad = bad ? bad : export_it(&m, a, &pair);
	if (m.certificate)
		gnutls_x509_crt_deinit(m.certificate);
	if (m.key)
		gnutls_x509_privkey_deinit(m.key);
	if (bad)
		return err_set(err, ERR_SYSTEM, "cannot make a certificate for %s: %s", name,
			       gnutls_strerror(bad));
	*out_pair = pair;
	return true;
}

static gnutls_datum_t datum(struct arena *a, str s)
{
	return (gnutls_datum_t){ (unsigned char *)arena_cstr(a, s), (unsigned)s.len };
}

static bool check_times(gnutls_x509_crt_t c, struct instant now, struct err *err)
{
	time_t at = (time_t)(now.us / 1000000);
	if (gnutls_x509_crt_get_expiration_time(c) < at)
		return err_set(err, ERR_INPUT, "the certificate has expired: replace it");
	if (gnutls_x509_crt_get_activation_time(c) > at)
		return err_set(err, ERR_INPUT,
			       "the certificate is not valid yet: is this machine's clock right?");
	return true;
}

static str fingerprint(struct arena *a, gnutls_x509_crt_t c)
{
	uint8_t bytes[FINGERPRINT_BYTES];
	size_t size = sizeof(bytes);
	struct buf b;
	buf_init(&b, a, FINGERPRINT_BYTES * 3);
	if (gnutls_x509_crt_get_fingerprint(c, GNUTLS_DIG_SHA256, bytes, &size) != 0)
		size = 0;
	for (size_t i = 0; i < size; i++)
		buf_printf(&b, "%s%02X", i ? ":" : "", bytes[i]);
	return buf_str(&b);
}

static bool read_first(gnutls_x509_crt_t c, struct arena *a, const gnutls_datum_t *pem, struct instant now,
		       str *out_fingerprint, struct err *err)
{
	int bad = gnutls_x509_crt_import(c, pem, GNUTLS_X509_FMT_PEM);
	if (bad)
		return err_set(err, ERR_INPUT, "the certificate is not PEM that can be read: %s",
			       gnutls_strerror(bad));
	*out_fingerprint = fingerprint(a, c);
	return check_times(c, now, err);
}

bool tls_pair_check(struct arena *a, const struct tls_pair *pair, struct instant now, str *out_fingerprint,
		    struct err *err)
{
	gnutls_certificate_credentials_t both = NULL;
	gnutls_x509_crt_t c = NULL;
	gnutls_datum_t certificate = datum(a, pair->certificate_pem), key = datum(a, pair->key_pem);
	if (gnutls_certificate_allocate_credentials(&both) != 0)
		return err_set(err, ERR_SYSTEM, "GnuTLS has no memory");
	if (gnutls_x509_crt_init(&c) != 0) {
		gnutls_certificate_free_credentials(both);
		return err_set(err, ERR_SYSTEM, "GnuTLS has no memory");
	}
	bool ok = read_first(c, a, &certificate, now, out_fingerprint, err);
	int bad = ok ? gnutls_certificate_set_x509_key_mem(both, &certificate, &key, GNUTLS_X509_FMT_PEM) : 0;
	if (bad)
		ok = err_set(err, ERR_INPUT, "the key does not belong to the certificate, or is not PEM: %s",
			     gnutls_strerror(bad));
	gnutls_x509_crt_deinit(c);
	gnutls_certificate_free_credentials(both);
	return ok;
}
