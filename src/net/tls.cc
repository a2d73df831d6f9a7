#include "net/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/text.h"

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

Result<> ask_for_certificates(SSL_CTX* context, const std::string& file) {
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_locations(context, file.c_str(), nullptr) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return fail(Why::kUsage, "cannot use the authorities for clients in " + file);
  }
  SSL_CTX_set_client_CA_list(context, names);  // takes them
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  static constexpr unsigned char kId[] = "latchkeyd";
  SSL_CTX_set_session_id_context(context, kId, sizeof kId - 1);
  return {};
}

}  // namespace

Result<std::unique_ptr<boost::asio::ssl::context>> server_tls(const std::string& certificate_file,
                                                              const std::string& key_file,
                                                              const std::string& client_ca_file) {
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
  if (!client_ca_file.empty()) TRY(ask_for_certificates(raw, client_ca_file));
  return context;
}

std::string shown_name(SSL* connection) {
  const std::unique_ptr<X509, void (*)(X509*)> shown(SSL_get1_peer_certificate(connection),
                                                     X509_free);
  if (!shown) return {};
  X509_NAME* subject = X509_get_subject_name(shown.get());
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return {};
  std::string name =
      " cn=" + printable({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
  OPENSSL_free(text);
  return name;
}

}  // namespace latchkey::net
