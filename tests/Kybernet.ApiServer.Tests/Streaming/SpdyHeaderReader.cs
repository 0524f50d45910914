using System.Buffers.Binary;
using System.Text;
using ICSharpCode.SharpZipLib.Zip.Compression;

namespace Kybernet.ApiServer.Tests.Streaming;

/// <summary>Reads the header blocks of one direction of a SPDY connection with a general inflater and SPDY/3's dictionary.</summary>
internal sealed class SpdyHeaderReader
{
    private static readonly string[] Words =
    [
        "options", "head", "post", "put", "delete", "trace", "accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "age", "allow",
        "authorization", "cache-control", "connection", "content-base", "content-encoding", "content-language", "content-length", "content-location",
        "content-md5", "content-range", "content-type", "date", "etag", "expect", "expires", "from", "host", "if-match", "if-modified-since", "if-none-match",
        "if-range", "if-unmodified-since", "last-modified", "location", "max-forwards", "pragma", "proxy-authenticate", "proxy-authorization", "range",
        "referer", "retry-after", "server", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "vary", "via", "warning", "www-authenticate",
        "method", "get", "status", "200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin",
    ];

    private const string Tail =
        "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content301 Moved Permanently"
        + "400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug "
        + "Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,"
        + "text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

    private readonly Inflater _inflater = new();

    public Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        _inflater.SetInput(block.ToArray());
        var output = new byte[4096];
        var length = _inflater.Inflate(output);
        if (_inflater.IsNeedingDictionary)
        {
            _inflater.SetDictionary(Dictionary());
            length = _inflater.Inflate(output);
        }
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        var rest = output.AsSpan(0, length);
        var count = Number(ref rest);
        for (var i = 0; i < count; i++)
        {
            headers[Text(ref rest)] = Text(ref rest);
        }
        Assert.True(rest.IsEmpty);
        return headers;
    }

    private static byte[] Dictionary()
    {
        var bytes = new List<byte>();
        foreach (var word in Words)
        {
            bytes.AddRange([0, 0, 0, (byte)word.Length]);
            bytes.AddRange(Encoding.ASCII.GetBytes(word));
        }
        bytes.AddRange(Encoding.ASCII.GetBytes(Tail));
        return bytes.ToArray();
    }

    private static int Number(ref Span<byte> rest)
    {
        var number = BinaryPrimitives.ReadInt32BigEndian(rest);
        rest = rest[4..];
        return number;
    }

    private static string Text(ref Span<byte> rest)
    {
        var length = Number(ref rest);
        var text = Encoding.UTF8.GetString(rest[..length]);
        rest = rest[length..];
        return text;
    }
}
