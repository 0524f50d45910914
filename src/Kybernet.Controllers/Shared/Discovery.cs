using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Client;

namespace Kybernet.Controllers;

/// <summary>A resource that the server serves.</summary>
internal sealed record ServedResource(GroupVersionResource Resource, string Kind, bool IsNamespaced, IReadOnlyList<string> Verbs);

/// <summary>Asks the server what it serves, custom resources and aggregated ones included.</summary>
internal sealed class Discovery(ApiClient client)
{
    /// <summary>What is served at each group's preferred version, without subresources.</summary>
    /// <returns>The resources, and the groups that could not be asked: an aggregated API server that is down must not hide the others.</returns>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="ApiUnavailableException">The server cannot be reached.</exception>
    public async Task<(IReadOnlyList<ServedResource> Resources, IReadOnlyList<string> Failures)> FindAsync(CancellationToken cancellationToken)
    {
        var resources = new List<ServedResource>();
        var failures = new List<string>();
        await AddAsync(new GroupVersion("", "v1"), "/api/v1", resources, cancellationToken);
        var groups = await GetAsync("/apis", cancellationToken);
        foreach (var group in groups["groups"]?.AsArray() ?? [])
        {
            foreach (var version in Versions(group!))
            {
                try
                {
                    await AddAsync(version, $"/apis/{version}", resources, cancellationToken);
                }
                catch (ApiException exception)
                {
                    failures.Add($"{version}: {exception.Message}");
                }
            }
        }
        return (resources, failures);
    }

    /// <summary>The preferred version first: a resource is taken at the first version that has it, for some live at older versions only.</summary>
    private static IEnumerable<GroupVersion> Versions(JsonNode group)
    {
        var preferred = group["preferredVersion"]?["groupVersion"]?.GetValue<string>();
        var all = (group["versions"]?.AsArray() ?? []).Select(static version => version!["groupVersion"]!.GetValue<string>());
        return (preferred is null ? all : all.Prepend(preferred).Distinct(StringComparer.Ordinal)).Select(GroupVersion.Parse);
    }

    private async Task AddAsync(GroupVersion version, string path, List<ServedResource> resources, CancellationToken cancellationToken)
    {
        var list = await GetAsync(path, cancellationToken);
        foreach (var item in list["resources"]?.AsArray() ?? [])
        {
            var name = item!["name"]!.GetValue<string>();
            if (name.Contains('/', StringComparison.Ordinal)
                || resources.Exists(known => known.Resource.Group == version.Group && known.Resource.Resource == name))
            {
                continue;
            }
            resources.Add(new ServedResource(
                new GroupVersionResource(version.Group, version.Version, name),
                item["kind"]!.GetValue<string>(),
                item["namespaced"]?.GetValue<bool>() ?? false,
                [.. (item["verbs"]?.AsArray() ?? []).Select(static verb => verb!.GetValue<string>())]));
        }
    }

    private async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken)
    {
        var reply = await client.Transport.SendAsync(new ApiCall(HttpMethod.Get, path), cancellationToken);
        ApiClient.ThrowIfFailed(reply);
        try
        {
            return JsonNode.Parse(reply.Body.Span) ?? throw new JsonException("null");
        }
        catch (JsonException exception)
        {
            throw new ApiUnavailableException($"{path} answered with something else than JSON: {exception.Message}", exception);
        }
    }
}
