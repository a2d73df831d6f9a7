#include "proxy/proxy.h"

#include "base/text.h"
#include "broker/files.h"
#include "crypto/random.h"
#include "net/signals.h"
#include "net/unix_listener.h"
#include "proxy/forward.h"

namespace latchkey::proxy {
namespace {

constexpr std::chrono::milliseconds kDrain{10'000};
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kLeastKey = 16;
constexpr std::string_view kUnix = "unix:";

/// The key in that file, which is made if there is none.
Result<Secret> key_in(const std::string& path) {
  auto key = broker::read_private_file(path);
  if (!key && key.error().why == Why::kNotFound) {
    TRY(broker::create_secret_file(path, crypto::random_hex(kKeyBytes)));
    key = broker::read_private_file(path);
  }
  if (!key) return fail(Why::kUsage, key.error().say);
  if (key->size() < kLeastKey)
    return fail(Why::kUsage,
                path + ": a key has " + std::to_string(kLeastKey) + " characters or more");
  return key;
}

/// Address and port of "ADDRESS:PORT".
Result<net::RelayOptions> place_of(const std::string& listen) {
  const auto colon = listen.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : parse_int(std::string_view(listen).substr(colon + 1));
  if (!port || *port < 0 || *port > 65535)
    return fail(Why::kUsage, "--listen takes 127.0.0.1:PORT, [::1]:PORT or unix:PATH");
  net::RelayOptions options;
  options.address = listen.substr(0, colon);
  options.port = static_cast<std::uint16_t>(*port);
  if (options.address == "localhost") options.address = "127.0.0.1";
  if (options.address.starts_with('[') && options.address.ends_with(']'))
    options.address = options.address.substr(1, options.address.size() - 2);
  return options;
}

Result<Door> door_of(const Options& options) {
  Door door;
  door.is_unix = options.listen.starts_with(kUnix);
  if (!options.key_file.empty()) door.key = TRY(key_in(options.key_file));
  else if (!door.is_unix && !options.open_to_this_machine)
    return fail(Why::kPolicy,
                "every user of this machine could use the token through a TCP port; give "
                "--key-file FILE, or listen on unix:PATH, or say --open-to-this-machine");
  return door;
}

Result<std::unique_ptr<net::StreamClient>> client_of(const broker::Profile& profile,
                                                     const Options& options) {
  net::ClientOptions client;
  client.base_url = profile.api_url;
  client.ca_file = profile.ca_file;
  client.user_agent = options.user_agent;
  client.total_time = profile.timeout;
  client.connect_time = std::min<std::chrono::milliseconds>(profile.timeout, client.connect_time);
  return net::StreamClient::make(std::move(client));
}

}  // namespace

Result<> run(broker::KeyRing& ring, const broker::Profile& profile, const Options& options,
             const std::function<void(const std::string& address)>& ready) {
  Door door = TRY(door_of(options));
  std::optional<net::UnixListener> socket;
  net::RelayOptions place;
  if (door.is_unix) {
    auto made = TRY(net::UnixListener::make(options.listen.substr(kUnix.size())));
    socket.emplace(std::move(made));
    place.listener = socket->release();
  } else {
    place = TRY(place_of(options.listen));
  }
  const auto client = TRY(client_of(profile, options));
  Tokens tokens(ring, profile);
  TRY(tokens.get());  // who must log in hears it now
  const bool seals = TRY(tokens.seals_bodies());

  const Forwarding with{tokens, *client, door, seals};
  const auto server = TRY(net::RelayServer::make(
      place, [&](net::RelayExchange& exchange) { forward(with, exchange); }));
  door.port = server->port();
  const net::StopSignals signals([&] { server->drain(kDrain); });
  const bool v6 = place.address.find(':') != std::string::npos;
  ready(door.is_unix ? options.listen
                     : "http://" + (v6 ? "[" + place.address + "]" : place.address) + ":" +
                           std::to_string(door.port));
  server->run();
  return {};
}

}  // namespace latchkey::proxy
