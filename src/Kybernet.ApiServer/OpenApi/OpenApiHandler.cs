using System.Collections.Concurrent;
using System.IO.Compression;
using Kybernet.Api;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.OpenApi;

/// <summary><c>/openapi/v3</c> and <c>/openapi/v2</c>. A document is written when it is first asked for, and kept compressed.</summary>
internal sealed class OpenApiHandler(OpenApiDocuments documents) : IPathHandler
{
    private readonly ConcurrentDictionary<string, Lazy<byte[]>> _compressed = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool Handles(string path) => path.StartsWith("/openapi/", StringComparison.Ordinal);

    /// <inheritdoc/>
    public ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (Writer(request.Path) is not { } write)
        {
            throw ApiError.PathNotFound();
        }
        if (!AcceptsJson(request.Accept))
        {
            throw ApiError.NotAcceptable("application/json");
        }
        var compressed = _compressed.GetOrAdd(request.Path, static (_, write) => new Lazy<byte[]>(() => Compress(write)), write).Value;
        var response = AcceptsGzip(request)
            ? BodyResponse.Json(200, compressed) with { ContentEncoding = "gzip" }
            : BodyResponse.Json(200, Decompress(compressed));
        return new(response with { ETag = OpenApiDocuments.Tag });
    }

    private Action<Stream>? Writer(string path) => path.Split('/') switch
    {
        ["", "openapi", "v2"] => documents.WriteV2,
        ["", "openapi", "v3"] => documents.WriteIndex,
        ["", "openapi", "v3", "api", var version] => Writer(new GroupVersion("", version)),
        ["", "openapi", "v3", "apis", { Length: > 0 } group, var version] => Writer(new GroupVersion(group, version)),
        _ => null,
    };

    private Action<Stream>? Writer(GroupVersion version) => documents.Serves(version) ? output => documents.WriteV3(output, version) : null;

    private static bool AcceptsJson(string accept)
    {
        foreach (var range in accept.Split(','))
        {
            if (range.Split(';', 2)[0].Trim() is "" or "*/*" or "application/*" or "application/json")
            {
                return true;
            }
        }
        return false;
    }

    private static bool AcceptsGzip(ApiRequest request) =>
        request.Headers is { } headers && headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);

    private static byte[] Compress(Action<Stream> write)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal))
        using (var buffered = new BufferedStream(gzip, 64 * 1024))
        {
            write(buffered);
        }
        return output.ToArray();
    }

    private static byte[] Decompress(byte[] compressed)
    {
        using var output = new MemoryStream(compressed.Length * 8);
        using var gzip = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress);
        gzip.CopyTo(output);
        return output.ToArray();
    }
}
