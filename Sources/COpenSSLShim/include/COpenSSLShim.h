// OpenSSL's function-like macros as functions that Swift can see. No logic.
#pragma once
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/params.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline int anteroom_gcm_set_tag(EVP_CIPHER_CTX *context, int length, void *tag) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, length, tag);
}

static inline int anteroom_gcm_get_tag(EVP_CIPHER_CTX *context, int length, void *tag) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, length, tag);
}

// HMAC-SHA-256 under `key`, for the session tickets of a connection.
static inline int anteroom_mac_start(EVP_MAC_CTX *context, unsigned char *key, size_t count) {
  OSSL_PARAM parameters[3] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key, count),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_CTX_set_params(context, parameters);
}

static inline long anteroom_ssl_set_versions(SSL_CTX *context, int lowest, int highest) {
  return SSL_CTX_set_min_proto_version(context, lowest) && SSL_CTX_set_max_proto_version(context, highest);
}

static inline void anteroom_ssl_set_mode(SSL_CTX *context) {
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_read_ahead(context, 1);
}

static inline void anteroom_ssl_set_options(SSL_CTX *context) {
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
}

static inline long anteroom_ssl_set_groups(SSL_CTX *context, const char *list) { return SSL_CTX_set1_groups_list(context, list); }

static inline long anteroom_ssl_no_session_cache(SSL_CTX *context) {
  return SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline long anteroom_ssl_add_chain(SSL_CTX *context, X509 *certificate) { return SSL_CTX_add1_chain_cert(context, certificate); }

static inline long anteroom_ssl_set_status_callback(SSL_CTX *context, int (*callback)(SSL *, void *), void *argument) {
  return SSL_CTX_set_tlsext_status_cb(context, callback) && SSL_CTX_set_tlsext_status_arg(context, argument);
}

// Takes a copy.
static inline long anteroom_ssl_set_status(SSL *connection, const unsigned char *response, size_t count) {
  unsigned char *copy = OPENSSL_memdup(response, count);
  return copy ? SSL_set_tlsext_status_ocsp_resp(connection, copy, (long)count) : 0;
}

// A client's side of it.
static inline long anteroom_ssl_ask_for_status(SSL *connection) {
  return SSL_set_tlsext_status_type(connection, TLSEXT_STATUSTYPE_ocsp);
}

// Lends the response.
static inline long anteroom_ssl_get_status(SSL *connection, const unsigned char **response) {
  return SSL_get_tlsext_status_ocsp_resp(connection, response);
}

static inline long anteroom_ssl_set_host(SSL *connection, const char *name) { return SSL_set_tlsext_host_name(connection, name); }

static inline int anteroom_names_count(const void *names) { return sk_GENERAL_NAME_num((const GENERAL_NAMES *)names); }

static inline const GENERAL_NAME *anteroom_names_value(const void *names, int index) {
  return sk_GENERAL_NAME_value((const GENERAL_NAMES *)names, index);
}

static inline void anteroom_names_free(void *names) { GENERAL_NAMES_free((GENERAL_NAMES *)names); }

static inline int anteroom_certificates_count(const STACK_OF(X509) *list) { return sk_X509_num(list); }

static inline X509 *anteroom_certificates_value(const STACK_OF(X509) *list, int index) { return sk_X509_value(list, index); }

// A list of one certificate, which it does not own.
static inline STACK_OF(X509) *anteroom_certificates_with(X509 *certificate) {
  STACK_OF(X509) *list = sk_X509_new_null();
  if (list && sk_X509_push(list, certificate) <= 0) {
    sk_X509_free(list);
    return NULL;
  }
  return list;
}

static inline void anteroom_certificates_free(STACK_OF(X509) *list) { sk_X509_free(list); }

// A name as RFC 2253 writes it, with everything that is not printable ASCII escaped.
static inline int anteroom_name_print(BIO *output, const X509_NAME *name) {
  return X509_NAME_print_ex(output, name, 0, XN_FLAG_RFC2253);
}
