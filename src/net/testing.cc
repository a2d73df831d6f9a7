#include "net/testing.h"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace latchkey::net::testing {

RunningServer::RunningServer(Handler handler, ServerOptions options) {
  auto made = HttpServer::make(std::move(options), std::move(handler));
  if (!made) throw std::runtime_error(made.error().say);
  server_ = std::move(*made);
  thread_ = std::thread([this] { server_->run(); });
}

RunningServer::~RunningServer() {
  server_->drain(std::chrono::milliseconds(0));
  if (thread_.joinable()) thread_.join();
}

std::string RunningServer::url(std::string_view path) const {
  return (server_->is_tls() ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) +
         std::string(path);
}

RawClient::RawClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{5, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error("cannot connect");
}
RawClient::~RawClient() { close(fd_); }

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // the peer had enough; what it said can still be read
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void RawClient::finish() { shutdown(fd_, SHUT_WR); }

std::string RawClient::read_while(std::string_view unless) {
  std::string all;
  char chunk[4096];
  while (unless.empty() || all.find(unless) == std::string::npos) {
    const auto n = recv(fd_, chunk, sizeof chunk, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return all + "<timeout>";
    if (n <= 0) return all;
    all.append(chunk, static_cast<std::size_t>(n));
  }
  return all;
}
std::string RawClient::read_until(std::string_view text) { return read_while(text); }
std::string RawClient::read_all() { return read_while({}); }

namespace {

void write_pem(const std::string& path, auto write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr || write(file) != 1) throw std::runtime_error("cannot write " + path);
  std::fclose(file);
}

}  // namespace

TestCertificate::TestCertificate() {
  char folder[] = "/tmp/latchkey-test-XXXXXX";
  if (mkdtemp(folder) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = folder;
  certificate_file = folder_ + "/certificate.pem";
  key_file = folder_ + "/key.pem";

  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("latchkey test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  X509_add_ext(certificate, names, -1);
  X509_sign(certificate, key, EVP_sha256());
  write_pem(certificate_file, [&](std::FILE* f) { return PEM_write_X509(f, certificate); });
  write_pem(key_file, [&](std::FILE* f) {
    return PEM_write_PrivateKey(f, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  X509_EXTENSION_free(names);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

TestCertificate::~TestCertificate() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace latchkey::net::testing
