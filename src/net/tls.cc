#include "net/tls.h"

#include <openssl/ssl.h>

namespace latchkey::net {
namespace {

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* match = nullptr;
  if (SSL_select_next_proto(&match, size, kOurs, sizeof kOurs - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<std::unique_ptr<boost::asio::ssl::context>> server_tls(const std::string& certificate_file,
                                                              const std::string& key_file) {
  namespace ssl = boost::asio::ssl;
  boost::system::error_code ec;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  SSL_CTX* raw = context->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(
      raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);

  context->use_certificate_chain_file(certificate_file, ec);
  if (ec) return fail(Why::kUsage, "cannot use the certificate " + certificate_file, ec.message());
  context->use_private_key_file(key_file, ssl::context::pem, ec);
  if (ec) return fail(Why::kUsage, "cannot use the key " + key_file, ec.message());
  if (SSL_CTX_check_private_key(raw) != 1)
    return fail(Why::kUsage, "the key " + key_file + " is not the certificate's");
  return context;
}

}  // namespace latchkey::net
