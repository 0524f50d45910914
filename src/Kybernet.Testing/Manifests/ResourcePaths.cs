using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;
using k8s.Models;
using Kybernet.Client;

namespace Kybernet.Testing.Manifests;

/// <summary>Where objects are found: by the attribute of their model, or by their kind, which the server's discovery knows.</summary>
internal sealed class ResourcePaths(IApiTransport server)
{
    private readonly ConcurrentDictionary<(string ApiVersion, string Kind), (string Plural, bool IsNamespaced)> _known = new();

    /// <summary>The path of an object of a model.</summary>
    /// <exception cref="ArgumentException">The model does not say what it is.</exception>
    public static string Of<T>(string @namespace, string name) => Of(EntityOf(typeof(T)), @namespace, name);

    /// <summary>What a model says that it is.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public static KubernetesEntityAttribute EntityOf(Type model) => model.GetCustomAttribute<KubernetesEntityAttribute>()
        ?? throw new ArgumentException($"{model.Name} does not say what resource it is: give it the attribute [KubernetesEntity(Group = …, ApiVersion = …, Kind = …, PluralName = …)]");

    /// <summary>The path of an object, by its kind.</summary>
    /// <exception cref="ManifestException">The server serves no such kind.</exception>
    public async Task<string> OfAsync(string apiVersion, string kind, string @namespace, string name, CancellationToken cancellationToken)
    {
        var (plural, isNamespaced) = await FindAsync(apiVersion, kind, cancellationToken);
        return Path(apiVersion, plural, isNamespaced ? @namespace.Length > 0 ? @namespace : "default" : "", name);
    }

    private static string Of(KubernetesEntityAttribute entity, string @namespace, string name) =>
        Path(string.IsNullOrEmpty(entity.Group) ? entity.ApiVersion : $"{entity.Group}/{entity.ApiVersion}", entity.PluralName, @namespace, name);

    private static string Path(string apiVersion, string plural, string @namespace, string name)
    {
        var root = apiVersion.Contains('/') ? $"/apis/{apiVersion}" : $"/api/{apiVersion}";
        var scope = @namespace.Length > 0 ? $"/namespaces/{@namespace}" : "";
        return name.Length > 0 ? $"{root}{scope}/{plural}/{Uri.EscapeDataString(name)}" : $"{root}{scope}/{plural}";
    }

    private async Task<(string Plural, bool IsNamespaced)> FindAsync(string apiVersion, string kind, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue((apiVersion, kind), out var known))
        {
            return known;
        }
        var root = apiVersion.Contains('/') ? $"/apis/{apiVersion}" : $"/api/{apiVersion}";
        var reply = await server.SendAsync(new ApiCall(HttpMethod.Get, root), cancellationToken);
        if (reply.StatusCode == 200)
        {
            foreach (var resource in JsonNode.Parse(reply.Body.Span)!["resources"]!.AsArray())
            {
                if ((string?)resource!["kind"] == kind && ((string)resource["name"]!).Contains('/') is false)
                {
                    return _known[(apiVersion, kind)] = ((string)resource["name"]!, (bool)resource["namespaced"]!);
                }
            }
        }
        throw new ManifestException($"the server serves no {kind} of {apiVersion}: is its CustomResourceDefinition installed?");
    }
}
