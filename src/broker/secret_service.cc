#include "broker/secret_service.h"

#include <dlfcn.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"

namespace latchkey::broker {
namespace {

// The few declarations of libsecret-1 that are used (its C ABI is stable), so
// that its headers, and GLib's, are not needed to build.
struct SchemaAttribute {
  const char* name;
  int type;
};
struct Schema {
  const char* name;
  int flags;
  SchemaAttribute attributes[32];
  int reserved;
  void* reserved_pointers[7];
};
struct GlibError {
  unsigned domain;
  int code;
  char* message;
};

const Schema kSchema = {"io.latchkey.Vault", 0, {{"vault", 0}, {nullptr, 0}}, 0, {}};

constexpr std::chrono::seconds kPatience{60};

struct Library {
  void* (*new_cancellable)() = nullptr;
  void (*cancel)(void*) = nullptr;
  void (*unref)(void*) = nullptr;
  char* (*lookup)(const Schema*, void*, GlibError**, ...) = nullptr;
  int (*store)(const Schema*, const char*, const char*, const char*, void*, GlibError**,
               ...) = nullptr;
  void (*free_password)(char*) = nullptr;
  void (*free_error)(GlibError*) = nullptr;
  bool complete() const {
    return new_cancellable != nullptr && cancel != nullptr && unref != nullptr &&
           lookup != nullptr && store != nullptr && free_password != nullptr &&
           free_error != nullptr;
  }
};

template <class F>
void find(void* handle, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(handle, name));
}

Library load() {
  Library library;
  void* handle = dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return library;
  // Of GIO and GObject, which libsecret brings along.
  find(handle, "g_cancellable_new", library.new_cancellable);
  find(handle, "g_cancellable_cancel", library.cancel);
  find(handle, "g_object_unref", library.unref);
  find(handle, "secret_password_lookup_sync", library.lookup);
  find(handle, "secret_password_store_sync", library.store);
  find(handle, "secret_password_free", library.free_password);
  find(handle, "g_error_free", library.free_error);
  return library;
}

const Library& library() {
  static const Library loaded = load();
  return loaded;
}

/// Gives up a call that nobody answers: a keyring that waits for its password, on a
/// screen that nobody sees.
class Patience {
 public:
  Patience() : cancellable_(library().new_cancellable()), watch_([this] { watch(); }) {}
  ~Patience() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_one();
    watch_.join();
    library().unref(cancellable_);
  }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;
  void* get() const { return cancellable_; }

 private:
  void watch() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [this] { return over_; }))
      library().cancel(cancellable_);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  void* cancellable_;
  std::thread watch_;
};

std::unexpected<Error> refused(GlibError* error) {
  const std::string what = error == nullptr ? "no answer" : printable(error->message);
  if (error != nullptr) library().free_error(error);
  return fail(Why::kStore, "the Secret Service cannot be used: " + what);
}

}  // namespace

bool secret_service_is_there(bool has_session_bus) {
  return has_session_bus && library().complete();
}

Result<Secret> secret_service_look_up(const std::string& vault) {
  if (!library().complete()) return fail(Why::kStore, "libsecret is not installed");
  const Patience patience;
  GlibError* error = nullptr;
  char* found = library().lookup(&kSchema, patience.get(), &error, "vault", vault.c_str(), nullptr);
  if (error != nullptr) return refused(error);
  if (found == nullptr) return fail(Why::kNotFound, "the keyring holds no key for this vault");
  Secret secret{std::string_view(found)};
  library().free_password(found);
  return secret;
}

Result<> secret_service_store(const std::string& vault, const Secret& secret) {
  if (!library().complete()) return fail(Why::kStore, "libsecret is not installed");
  const Patience patience;
  GlibError* error = nullptr;
  const auto text = secret.reveal();
  std::vector<char, WipingAllocator<char>> terminated(text.begin(), text.end());
  terminated.push_back('\0');
  const int stored = library().store(&kSchema, "default", "Latchkey vault key", terminated.data(),
                                     patience.get(), &error, "vault", vault.c_str(), nullptr);
  if (error != nullptr || stored == 0) return refused(error);
  return {};
}

}  // namespace latchkey::broker
