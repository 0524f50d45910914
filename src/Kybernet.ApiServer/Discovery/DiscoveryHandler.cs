using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Kybernet.Api;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Discovery;

/// <summary><c>/api</c>, <c>/apis</c> and what is below them that is no resource. A document is written when it is first asked for, and kept.</summary>
internal sealed class DiscoveryHandler(CustomResourceCatalog catalog, string serverAddress) : IPathHandler
{
    private const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    // Of the catalogs that were, one may still be read; nobody asks for it again.
    private readonly ConditionalWeakTable<Catalog, ConcurrentDictionary<string, BodyResponse>> _answers = [];

    /// <inheritdoc/>
    public bool Handles(string path) => path.StartsWith("/api", StringComparison.Ordinal) && path.Split('/') is ["", "api" or "apis", ..];

    /// <inheritdoc/>
    public ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var path = request.Path.TrimEnd('/');
        var aggregated = path is "/api" or "/apis" && WantsAggregated(request.Accept);
        var current = catalog.Current;
        var answers = _answers.GetValue(current, static _ => new ConcurrentDictionary<string, BodyResponse>(StringComparer.Ordinal));
        var key = aggregated ? path + "#" : path;
        if (!answers.TryGetValue(key, out var answer))
        {
            answer = Write(key, new DiscoveryDocuments(current.Registry)) ?? throw ApiError.PathNotFound();
            answers.TryAdd(key, answer);
        }
        return new(answer);
    }

    /// <summary>A client names every form that it understands, the one it likes best first.</summary>
    private static bool WantsAggregated(string accept)
    {
        foreach (var range in accept.Split(','))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] != "application/json")
            {
                continue;
            }
            if (!parts.Contains("as=APIGroupDiscoveryList"))
            {
                return false;
            }
            if (parts.Contains("v=v2"))
            {
                return true;
            }
        }
        return false;
    }

    private BodyResponse? Write(string key, DiscoveryDocuments documents)
    {
        var body = key.Split('/') switch
        {
            ["", "api#"] => documents.Aggregated(core: true),
            ["", "apis#"] => documents.Aggregated(core: false),
            ["", "api"] => documents.CoreVersions(serverAddress),
            ["", "apis"] => documents.Groups(),
            ["", "api", var version] => documents.Resources(new GroupVersion("", version)),
            ["", "apis", var group] => documents.Group(group),
            ["", "apis", var group, var version] => documents.Resources(new GroupVersion(group, version)),
            _ => null,
        };
        return body is null ? null : new BodyResponse(200, key.EndsWith('#') ? AggregatedType : "application/json", body)
        {
            ETag = Convert.ToHexString(SHA256.HashData(body)),
        };
    }
}
