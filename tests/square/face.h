#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dialect/dialect.h"

namespace latchkey::square {

class World;

/// When every sample is sent.
inline constexpr Instant kNoon = from_epoch(1772366400);  // 2026-03-01T12:00:00Z

/// An operation that the wire has, and outcomes of it that the wire can carry.
/// Secrets are long and odd, so that finding one in a reply means something.
struct Sample {
  std::string title;  ///< letters, digits and underscores: part of the test's name
  engine::Operation operation;
  std::vector<engine::Outcome> outcomes;
};

/// All that the square must know of one dialect.
struct Face {
  const dialect::Dialect& dialect;
  std::map<std::string, std::string> settings = {};
  std::vector<Sample> samples;

  /// The fold: as what a broker hears a reason that its request met. Several
  /// reasons may share a spelling; hearing twice changes nothing more.
  std::function<Why(Why, const engine::Operation&)> heard_as;
  /// Whether a reply is a refusal in the dialect's own shape.
  std::function<bool(const http::Response&)> is_refusal;

  /// The system's main story: login, proof call, expiry, renewal, refusal. It is
  /// told twice, in a world without a wire and in one with it.
  std::function<void(World&)> story;
  /// What is left of an outcome after the wire; tokens are taken away later.
  std::function<engine::Outcome(const engine::Operation&, engine::Outcome)> carried =
      [](const engine::Operation&, engine::Outcome outcome) { return outcome; };
};

/// Every dialect that has joined.
const std::vector<Face>& faces();

/// The keys that partners share with the authority, as the demo has them.
class DemoKeyring final : public dialect::Keyring {
 public:
  explicit DemoKeyring(const dialect::Demo& demo);
  Result<std::optional<Secret>> shared_key(std::string_view partner) const override;

 private:
  std::map<std::string, Secret, std::less<>> keys_;
};

/// A codec of that face, with the keys of its demo.
class FaceCodec {
 public:
  explicit FaceCodec(const Face& face);
  const dialect::Codec& operator*() const { return *codec_; }
  const dialect::Codec* operator->() const { return codec_.get(); }

 private:
  DemoKeyring keyring_;
  std::unique_ptr<dialect::Codec> codec_;
};

dialect::Settings settings_of(const Face& face);
/// Every secret that the operation holds.
std::vector<Secret> secrets_of(const engine::Operation& operation);
/// As it arrives: the target went through its text.
http::Request over_the_wire(const http::Request& request);

/// The place of a sample among all.
struct Place {
  std::size_t face, sample;
  const Face& its_face() const { return faces()[face]; }
  const Sample& its_sample() const { return faces()[face].samples[sample]; }
  std::string name() const;  ///< "chathub_login"
};
std::vector<Place> every_place();

}  // namespace latchkey::square
