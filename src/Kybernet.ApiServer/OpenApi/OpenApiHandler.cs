using System.Collections.Concurrent;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using Kybernet.Api;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.OpenApi;

/// <summary><c>/openapi/v3</c> and <c>/openapi/v2</c>. A document is written when it is first asked for, and kept compressed.</summary>
internal sealed class OpenApiHandler(CustomResourceCatalog catalog) : IPathHandler
{
    private const string ProtobufV2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private readonly ConditionalWeakTable<Catalog, Written> _written = [];

    /// <inheritdoc/>
    public bool Handles(string path) => path.StartsWith("/openapi/", StringComparison.Ordinal);

    /// <inheritdoc/>
    public ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var type = Negotiate(request.Accept, request.Path == "/openapi/v2");
        var written = _written.GetValue(catalog.Current, static current => new Written(new OpenApiDocuments(current)));
        if (Writer(written.Documents, request.Path, type) is not { } write)
        {
            throw ApiError.PathNotFound();
        }
        var compressed = written.Compressed.GetOrAdd((request.Path, type), static (_, write) => new Lazy<byte[]>(() => Compress(write)), write).Value;
        var response = AcceptsGzip(request)
            ? new BodyResponse(200, type, compressed) { ContentEncoding = "gzip" }
            : new BodyResponse(200, type, Decompress(compressed));
        return new(response with { ETag = type == ProtobufV2 ? $"{written.Documents.Tag}-P" : written.Documents.Tag });
    }

    private static Action<Stream>? Writer(OpenApiDocuments documents, string path, string type) => path.Split('/') switch
    {
        ["", "openapi", "v2"] => type == ProtobufV2 ? documents.WriteV2Protobuf : documents.WriteV2,
        ["", "openapi", "v3"] => documents.WriteIndex,
        ["", "openapi", "v3", "api", var version] => Writer(documents, new GroupVersion("", version)),
        ["", "openapi", "v3", "apis", { Length: > 0 } group, var version] => Writer(documents, new GroupVersion(group, version)),
        _ => null,
    };

    private static Action<Stream>? Writer(OpenApiDocuments documents, GroupVersion version) =>
        documents.Serves(version) ? output => documents.WriteV3(output, version) : null;

    /// <summary>The first type of those that the client takes that the document has; the client names what it likes best first.</summary>
    private static string Negotiate(string accept, bool hasProtobuf)
    {
        foreach (var range in accept.Split(','))
        {
            switch (range.Split(';', 2)[0].Trim())
            {
                case "" or "*/*" or "application/*" or "application/json":
                    return "application/json";
                case ProtobufV2 or "application/com.github.proto-openapi.spec.v2@v1.0+protobuf" when hasProtobuf:
                    return ProtobufV2;
            }
        }
        throw ApiError.NotAcceptable(hasProtobuf ? $"application/json, {ProtobufV2}" : "application/json");
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

    /// <summary>The documents of one catalog, as far as they were asked for.</summary>
    private sealed class Written(OpenApiDocuments documents)
    {
        public OpenApiDocuments Documents => documents;

        public ConcurrentDictionary<(string Path, string Type), Lazy<byte[]>> Compressed { get; } = new();
    }
}
