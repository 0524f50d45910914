using System.Text;
using Google.Protobuf;

namespace Kybernet.Store.Etcd;

/// <summary>Keys as etcd has them: bytes, and a range of them by its first key and the first that is past it.</summary>
internal static class KeyRange
{
    /// <summary>In place of a first or a last key: from the very first, or to the very last.</summary>
    public static readonly ByteString Unbounded = ByteString.CopyFrom(0);

    public static ByteString Key(string key) => ByteString.CopyFromUtf8(key);

    /// <summary>Where the keys with a prefix begin.</summary>
    public static ByteString Start(string prefix) => prefix.Length == 0 ? Unbounded : Key(prefix);

    /// <summary>The key right after another.</summary>
    public static ByteString Next(string key) => Key(key + '\0');

    /// <summary>The first key past those with a prefix.</summary>
    public static ByteString End(string prefix)
    {
        // No byte of UTF-8 is 0xFF, so the last one can always be counted up.
        var bytes = Encoding.UTF8.GetBytes(prefix);
        if (bytes.Length == 0)
        {
            return Unbounded;
        }
        bytes[^1]++;
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
