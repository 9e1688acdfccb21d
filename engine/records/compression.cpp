#include "engine/records/compression.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "engine/base/big_endian.h"

namespace barnabas::records {

namespace {

using Fault = std::unexpected<std::string>;
using Unpacked = Result<Bytes, std::string>;

constexpr std::size_t first_room = 64 * 1024;

Fault too_large(std::size_t bytes_max) {
    return Fault("it unpacks to more than " + std::to_string(bytes_max) + " bytes");
}
Fault broken(std::string_view what) { return Fault("it is no " + std::string(what) + " data"); }

// Output that grows as it fills, doubling, up to one byte more than there may be: what ends behind
// the last byte that may be (a checksum, an empty frame) can still be read, and too much is seen.
class Room {
  public:
    Room(std::size_t packed, std::size_t bytes_max)
        : limit_(bytes_max == SIZE_MAX ? bytes_max : bytes_max + 1) {
        bytes_.resize(std::min(limit_, std::max(first_room, packed * 4)));
    }
    std::uint8_t* end() { return bytes_.data() + used_; }
    std::size_t left() const { return bytes_.size() - used_; }
    void use(std::size_t count) { used_ += count; }
    // False when there is too much.
    bool grow() {
        if (bytes_.size() == limit_) return false;
        bytes_.resize(std::min(limit_, bytes_.size() * 2));
        return true;
    }
    Bytes take() {
        bytes_.resize(used_);
        return Bytes::own(std::move(bytes_));
    }

  private:
    std::size_t limit_;
    std::size_t used_ = 0;
    std::vector<std::uint8_t> bytes_;
};

constexpr int gzip_window_bits = 15 + 16;  // the largest window, a gzip header and nothing else

Unpacked unpack_gzip(ByteView packed, std::size_t bytes_max) {
    z_stream stream{};
    if (inflateInit2(&stream, gzip_window_bits) != Z_OK) return broken("gzip");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> closer(&stream, inflateEnd);
    stream.next_in = const_cast<std::uint8_t*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    Room room(packed.size(), bytes_max);
    for (;;) {
        stream.next_out = room.end();
        stream.avail_out = static_cast<uInt>(room.left());
        const std::size_t before = room.left();
        const int result = inflate(&stream, Z_NO_FLUSH);
        room.use(before - stream.avail_out);
        if (result == Z_STREAM_END) {
            if (room.left() == 0 && !room.grow()) return too_large(bytes_max);
            if (stream.avail_in == 0) return room.take();
            // Members may follow one another, as java.util.zip reads them too.
            if (inflateReset(&stream) != Z_OK) return broken("gzip");
            continue;
        }
        if (result != Z_OK && result != Z_BUF_ERROR) return broken("gzip");
        if (stream.avail_out > 0) return broken("gzip");  // it ends too early
        if (!room.grow()) return too_large(bytes_max);
    }
}

// The Java client's framing: a magic, two versions, then blocks, each behind its int32 length.
constexpr std::array<std::uint8_t, 8> java_snappy_magic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t java_snappy_head = 16;
constexpr std::size_t java_snappy_block = 32 * 1024;

bool is_java_snappy(ByteView packed) {
    return packed.size() >= java_snappy_head &&
           std::equal(java_snappy_magic.begin(), java_snappy_magic.end(), packed.begin());
}

// One raw block behind what `out` holds.
std::optional<std::string> unpack_snappy_block(ByteView block, std::size_t bytes_max,
                                               std::vector<std::uint8_t>& out) {
    const auto* input = reinterpret_cast<const char*>(block.data());
    std::size_t size = 0;
    // A byte of input makes at most 32 of output (a copy of 64 bytes takes two or three).
    if (snappy_uncompressed_length(input, block.size(), &size) != SNAPPY_OK ||
        size > block.size() * 32 + 32)
        return broken("snappy").error();
    if (size > bytes_max - out.size()) return too_large(bytes_max).error();
    const std::size_t at = out.size();
    out.resize(at + size);
    auto* output = reinterpret_cast<char*>(out.data() + at);
    if (snappy_uncompress(input, block.size(), output, &size) != SNAPPY_OK)
        return broken("snappy").error();
    return std::nullopt;
}

Unpacked unpack_snappy(ByteView packed, std::size_t bytes_max) {
    std::vector<std::uint8_t> out;
    if (!is_java_snappy(packed)) {
        if (auto fault = unpack_snappy_block(packed, bytes_max, out)) return Fault(*fault);
        return Bytes::own(std::move(out));
    }
    packed = packed.subspan(java_snappy_head);
    while (!packed.empty()) {
        if (packed.size() < 4) return broken("snappy");
        const auto size = load_big<std::uint32_t>(packed.data());
        packed = packed.subspan(4);
        if (size > packed.size()) return broken("snappy");
        if (auto fault = unpack_snappy_block(packed.first(size), bytes_max, out))
            return Fault(*fault);
        packed = packed.subspan(size);
    }
    return Bytes::own(std::move(out));
}

Unpacked unpack_lz4(ByteView packed, std::size_t bytes_max) {
    LZ4F_dctx* made = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION))) return broken("lz4");
    const std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> context(
        made, LZ4F_freeDecompressionContext);
    Room room(packed.size(), bytes_max);
    std::size_t hint = 1;  // 0: a frame is complete
    while (!packed.empty() || hint != 0) {
        std::size_t taken = packed.size();
        std::size_t given = room.left();
        hint = LZ4F_decompress(context.get(), room.end(), &given, packed.data(), &taken, nullptr);
        if (LZ4F_isError(hint)) return broken("lz4");
        room.use(given);
        packed = packed.subspan(taken);
        if (room.left() == 0) {
            if (!room.grow()) return too_large(bytes_max);
        } else if (taken == 0 && given == 0) {
            return broken("lz4");  // it ends too early
        }
    }
    return room.take();
}

Unpacked unpack_zstd(ByteView packed, std::size_t bytes_max) {
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                          ZSTD_freeDCtx);
    // A head may ask for a window of any size: no more than this is given to it.
    constexpr int window_log_max = 27;
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log_max);
    Room room(packed.size(), bytes_max);
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    std::size_t hint = 1;  // 0: a frame is complete
    while (input.pos < input.size || hint != 0) {
        ZSTD_outBuffer output{room.end(), room.left(), 0};
        const std::size_t before = input.pos;
        hint = ZSTD_decompressStream(context.get(), &output, &input);
        if (ZSTD_isError(hint)) return broken("zstd");
        room.use(output.pos);
        if (room.left() == 0) {
            if (!room.grow()) return too_large(bytes_max);
        } else if (input.pos == before && output.pos == 0) {
            return broken("zstd");  // it ends too early
        }
    }
    return room.take();
}

Bytes pack_gzip(ByteView plain, int level) {
    z_stream stream{};
    constexpr int memory_level = 8;
    CHECK(deflateInit2(&stream, level, Z_DEFLATED, gzip_window_bits, memory_level,
                       Z_DEFAULT_STRATEGY) == Z_OK);
    std::vector<std::uint8_t> out(deflateBound(&stream, plain.size()));
    stream.next_in = const_cast<std::uint8_t*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return Bytes::own(std::move(out));
}

void pack_snappy_block(ByteView block, std::vector<std::uint8_t>& out) {
    std::size_t size = snappy_max_compressed_length(block.size());
    const std::size_t at = out.size();
    out.resize(at + size);
    CHECK(snappy_compress(reinterpret_cast<const char*>(block.data()), block.size(),
                          reinterpret_cast<char*>(out.data() + at), &size) == SNAPPY_OK);
    out.resize(at + size);
}

Bytes pack_snappy(ByteView plain, SnappyFraming framing) {
    std::vector<std::uint8_t> out;
    if (framing == SnappyFraming::raw) {
        pack_snappy_block(plain, out);
        return Bytes::own(std::move(out));
    }
    out.assign(java_snappy_magic.begin(), java_snappy_magic.end());
    out.resize(java_snappy_head);
    store_big<std::int32_t>(out.data() + 8, 1);   // version
    store_big<std::int32_t>(out.data() + 12, 1);  // and the oldest that can read it
    while (!plain.empty()) {
        const ByteView block = plain.first(std::min(plain.size(), java_snappy_block));
        const std::size_t at = out.size();
        out.resize(at + 4);
        pack_snappy_block(block, out);
        store_big(out.data() + at, static_cast<std::int32_t>(out.size() - at - 4));
        plain = plain.subspan(block.size());
    }
    return Bytes::own(std::move(out));
}

Bytes pack_lz4(ByteView plain, int level) {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockSizeID = LZ4F_max64KB;
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;  // the Java client reads no other
    preferences.compressionLevel = level;
    std::vector<std::uint8_t> out(LZ4F_compressFrameBound(plain.size(), &preferences));
    const std::size_t size =
        LZ4F_compressFrame(out.data(), out.size(), plain.data(), plain.size(), &preferences);
    CHECK(!LZ4F_isError(size));
    out.resize(size);
    return Bytes::own(std::move(out));
}

Bytes pack_zstd(ByteView plain, int level) {
    std::vector<std::uint8_t> out(ZSTD_compressBound(plain.size()));
    const std::size_t size =
        ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), level);
    CHECK(!ZSTD_isError(size));
    out.resize(size);
    return Bytes::own(std::move(out));
}

}  // namespace

Unpacked unpack(Codec codec, ByteView packed, std::size_t bytes_max) {
    if (packed.empty()) return broken("packed");
    if (packed.size() > INT32_MAX) return Fault("it is larger than 2 GiB");
    switch (codec) {
        case Codec::none:
            if (packed.size() > bytes_max) return too_large(bytes_max);
            return Bytes::copy(packed);
        case Codec::gzip: return unpack_gzip(packed, bytes_max);
        case Codec::snappy: return unpack_snappy(packed, bytes_max);
        case Codec::lz4: return unpack_lz4(packed, bytes_max);
        case Codec::zstd: return unpack_zstd(packed, bytes_max);
    }
    return Fault("no such codec");
}

Unpacked plain_records(const Batch& batch, std::size_t bytes_max) {
    const auto codec = batch.header.codec();
    if (!codec) return Fault("no such codec");
    if (*codec == Codec::none) return batch.records();
    return unpack(*codec, batch.records(), bytes_max);
}

Bytes pack(ByteView plain, const Compression& how) {
    switch (how.codec) {
        case Codec::none: return Bytes::copy(plain);
        case Codec::gzip: return pack_gzip(plain, how.levels.gzip);
        case Codec::snappy: return pack_snappy(plain, how.framing);
        case Codec::lz4: return pack_lz4(plain, how.levels.lz4);
        case Codec::zstd: return pack_zstd(plain, how.levels.zstd);
    }
    return {};
}

}  // namespace barnabas::records
