using System.Text.Json;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Discovery;

/// <summary><c>/</c>: the paths that there are to ask, for people who look around.</summary>
internal sealed class IndexHandler(CustomResourceCatalog catalog, IReadOnlyList<string> checks) : IPathHandler
{
    /// <inheritdoc/>
    public bool Handles(string path) => path is "" or "/" or "/index.html";

    /// <inheritdoc/>
    public ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken) =>
        new(BodyResponse.Json(200, Write(catalog.Current.Registry, checks)));

    private static byte[] Write(ResourceRegistry registry, IReadOnlyList<string> checks)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("paths"u8);
            foreach (var path in Paths(registry, checks))
            {
                writer.WriteStringValue(path);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return body.ToArray();
    }

    private static SortedSet<string> Paths(ResourceRegistry registry, IReadOnlyList<string> checks)
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal)
        {
            "/.well-known/openid-configuration", "/api", "/apis", "/metrics", "/openapi/v2", "/openapi/v3", "/openid/v1/jwks", "/version",
        };
        foreach (var group in registry.Groups)
        {
            var root = group.Name.Length == 0 ? "/api" : $"/apis/{group.Name}";
            paths.Add(root);
            foreach (var version in group.Versions)
            {
                paths.Add($"{root}/{version}");
            }
        }
        foreach (var endpoint in (ReadOnlySpan<string>)["/healthz", "/livez", "/readyz"])
        {
            paths.Add(endpoint);
            foreach (var check in checks)
            {
                paths.Add($"{endpoint}/{check}");
            }
        }
        return paths;
    }
}
