/* The TLS listener, asked by curl. */
#include "http/test_world.h"

#include <curl/curl.h>
#include <gnutls/x509.h>
#include <stdio.h>

static void make_certificate(char *certificate, char *key, size_t room)
{
	gnutls_x509_privkey_t k;
	gnutls_x509_crt_t c;
	size_t n = room, m = room;
	ASSERT(gnutls_x509_privkey_init(&k) == 0 && gnutls_x509_crt_init(&c) == 0);
	ASSERT(gnutls_x509_privkey_generate(k, GNUTLS_PK_ECDSA,
	                                    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) == 0);
	ASSERT(gnutls_x509_crt_set_version(c, 3) == 0 && gnutls_x509_crt_set_serial(c, "\1", 1) == 0);
	ASSERT(gnutls_x509_crt_set_dn_by_oid(c, GNUTLS_OID_X520_COMMON_NAME, 0, "localhost", 9) == 0);
	ASSERT(gnutls_x509_crt_set_activation_time(c, 0) == 0 &&
	       gnutls_x509_crt_set_expiration_time(c, 4000000000) == 0);
	ASSERT(gnutls_x509_crt_set_key(c, k) == 0 &&
	       gnutls_x509_crt_sign2(c, c, k, GNUTLS_DIG_SHA256, 0) == 0);
	ASSERT(gnutls_x509_crt_export(c, GNUTLS_X509_FMT_PEM, certificate, &n) == 0);
	ASSERT(gnutls_x509_privkey_export(k, GNUTLS_X509_FMT_PEM, key, &m) == 0);
	gnutls_x509_crt_deinit(c);
	gnutls_x509_privkey_deinit(k);
}

static size_t take(char *data, size_t size, size_t count, void *to)
{
	buf_add(to, (str){ data, (ptrdiff_t)(size * count) });
	return size * count;
}

static void test_tls(struct arena *a, struct world *w)
{
	char certificate[4096] = { 0 }, key[4096] = { 0 };
	make_certificate(certificate, key, sizeof(key) - 1);
	const struct http_listener tls = { HTTP_TLS, "127.0.0.1", 0 };
	struct http_options options = { .listeners = &tls,
		                        .listener_count = 1,
		                        .certificate_pem = certificate };
	struct http_server *s;
	struct err err;
	struct buf heard;
	ASSERT(!world_try_open(w, options, &s, &err));        /* no key */
	options.key_pem = key;
	s = world_open_server(w, options);
	buf_init(&heard, a, 64 << 10);
	CURL *c = curl_easy_init();
	curl_easy_setopt(c, CURLOPT_URL,
	                 arena_printf(a, "https://127.0.0.1:%d/api/ping", http_server_port(s, 0)).ptr);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(c, CURLOPT_HEADER, 1L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &heard);
	ASSERT(curl_easy_perform(c) == CURLE_OK);
	ASSERT(client_has(buf_str(&heard), "pong") &&
	       client_has(buf_str(&heard), "Strict-Transport-Security: max-age"));
	curl_easy_setopt(c, CURLOPT_SSLVERSION,
	                 (long)CURL_SSLVERSION_TLSv1_0 | (long)CURL_SSLVERSION_MAX_TLSv1_1);
	curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
	ASSERT(curl_easy_perform(c) != CURLE_OK);
	curl_easy_cleanup(c);
	http_server_close(s);
}

int main(void)
{
	struct arena a;
	struct world w;
	arena_init(&a, 16 << 20, 64 << 20);
	world_open(&w);
	test_tls(&a, &w);
	world_close(&w);
	arena_done(&a);
	puts("http tls: ok");
	return 0;
}
