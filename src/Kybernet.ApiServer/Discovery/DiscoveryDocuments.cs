using System.Text.Json;
using Kybernet.Api;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Rest;

namespace Kybernet.ApiServer.Discovery;

/// <summary>Writes the documents by which clients learn what is served: the older ones, a document a group version, and the aggregated one (KEP-3352).</summary>
internal sealed class DiscoveryDocuments(ResourceRegistry registry)
{
    /// <summary><c>/api</c>: the versions of the core group.</summary>
    public byte[] CoreVersions(string serverAddress) => Projection.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "APIVersions"u8);
        writer.WriteStartArray("versions"u8);
        writer.WriteStringValue("v1"u8);
        writer.WriteEndArray();
        writer.WriteStartArray("serverAddressByClientCIDRs"u8);
        writer.WriteStartObject();
        writer.WriteString("clientCIDR"u8, "0.0.0.0/0"u8);
        writer.WriteString("serverAddress"u8, serverAddress);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary><c>/apis</c>: the named groups.</summary>
    public byte[] Groups() => Projection.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "APIGroupList"u8);
        writer.WriteString("apiVersion"u8, "v1"u8);
        writer.WriteStartArray("groups"u8);
        foreach (var group in registry.Groups)
        {
            if (group.Name.Length > 0)
            {
                writer.WriteStartObject();
                WriteGroup(writer, group);
                writer.WriteEndObject();
            }
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary><c>/apis/GROUP</c>; null where there is no such group.</summary>
    public byte[]? Group(string name) => registry.Groups.FirstOrDefault(group => group.Name == name) is not { } found ? null : Projection.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "APIGroup"u8);
        writer.WriteString("apiVersion"u8, "v1"u8);
        WriteGroup(writer, found);
        writer.WriteEndObject();
    });

    /// <summary><c>/api/v1</c> or <c>/apis/GROUP/VERSION</c>; null where there is no such version.</summary>
    public byte[]? Resources(GroupVersion version)
    {
        var resources = registry.In(version).ToArray();
        return resources.Length == 0 ? null : Projection.Build(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, "APIResourceList"u8);
            writer.WriteString("apiVersion"u8, "v1"u8);
            writer.WriteString("groupVersion"u8, version.ToString());
            writer.WriteStartArray("resources"u8);
            foreach (var resource in resources)
            {
                WriteResource(writer, resource, version);
                foreach (var subresource in resource.Subresources)
                {
                    WriteResource(writer, subresource, version);
                }
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    /// <summary><c>/api</c> or <c>/apis</c> in one document: every group, version and resource.</summary>
    public byte[] Aggregated(bool core) => Projection.Build(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "APIGroupDiscoveryList"u8);
        writer.WriteString("apiVersion"u8, "apidiscovery.k8s.io/v2"u8);
        writer.WriteStartObject("metadata"u8);
        writer.WriteEndObject();
        writer.WriteStartArray("items"u8);
        foreach (var group in registry.Groups)
        {
            if (group.Name.Length == 0 == core)
            {
                WriteAggregatedGroup(writer, group);
            }
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void WriteGroup(Utf8JsonWriter writer, GroupInfo group)
    {
        writer.WriteString("name"u8, group.Name);
        writer.WriteStartArray("versions"u8);
        foreach (var version in group.Versions)
        {
            WriteVersion(writer, group.Name, version);
        }
        writer.WriteEndArray();
        writer.WritePropertyName("preferredVersion"u8);
        WriteVersion(writer, group.Name, group.PreferredVersion);
    }

    private static void WriteVersion(Utf8JsonWriter writer, string group, string version)
    {
        writer.WriteStartObject();
        writer.WriteString("groupVersion"u8, new GroupVersion(group, version).ToString());
        writer.WriteString("version"u8, version);
        writer.WriteEndObject();
    }

    private static void WriteResource(Utf8JsonWriter writer, ResourceInfo resource, GroupVersion version)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, resource.Resource.Resource);
        writer.WriteString("singularName"u8, resource.Singular);
        writer.WriteBoolean("namespaced"u8, resource.Namespaced);
        if (resource.Kind.GroupVersion != version)
        {
            if (resource.Kind.Group.Length > 0)
            {
                writer.WriteString("group"u8, resource.Kind.Group);
            }
            writer.WriteString("version"u8, resource.Kind.Version);
        }
        writer.WriteString("kind"u8, resource.Kind.Kind);
        WriteStrings(writer, "verbs"u8, VerbsOf(resource), always: true);
        WriteStrings(writer, "shortNames"u8, resource.ShortNames);
        WriteStrings(writer, "categories"u8, resource.Categories);
        writer.WriteEndObject();
    }

    private void WriteAggregatedGroup(Utf8JsonWriter writer, GroupInfo group)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("metadata"u8);
        if (group.Name.Length > 0)
        {
            writer.WriteString("name"u8, group.Name);
        }
        writer.WriteNull("creationTimestamp"u8);
        writer.WriteEndObject();
        writer.WriteStartArray("versions"u8);
        foreach (var version in group.Versions)
        {
            writer.WriteStartObject();
            writer.WriteString("version"u8, version);
            writer.WriteStartArray("resources"u8);
            foreach (var resource in registry.In(new GroupVersion(group.Name, version)))
            {
                WriteAggregatedResource(writer, resource);
            }
            writer.WriteEndArray();
            writer.WriteString("freshness"u8, "Current"u8);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteAggregatedResource(Utf8JsonWriter writer, ResourceInfo resource)
    {
        writer.WriteStartObject();
        writer.WriteString("resource"u8, resource.Resource.Resource);
        WriteKind(writer, resource.Kind);
        writer.WriteString("scope"u8, resource.Namespaced ? "Namespaced"u8 : "Cluster"u8);
        writer.WriteString("singularResource"u8, resource.Singular);
        WriteStrings(writer, "verbs"u8, VerbsOf(resource), always: true);
        WriteStrings(writer, "shortNames"u8, resource.ShortNames);
        WriteStrings(writer, "categories"u8, resource.Categories);
        if (resource.Subresources.Count > 0)
        {
            writer.WriteStartArray("subresources"u8);
            foreach (var subresource in resource.Subresources)
            {
                writer.WriteStartObject();
                writer.WriteString("subresource"u8, subresource.SubresourceName);
                WriteKind(writer, subresource.Kind);
                WriteStrings(writer, "verbs"u8, VerbsOf(subresource), always: true);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteKind(Utf8JsonWriter writer, GroupVersionKind kind)
    {
        writer.WriteStartObject("responseKind"u8);
        writer.WriteString("group"u8, kind.Group);
        writer.WriteString("version"u8, kind.Version);
        writer.WriteString("kind"u8, kind.Kind);
        writer.WriteEndObject();
    }

    /// <summary>What one connects to is told as what its methods are to authorisation.</summary>
    private static IReadOnlyList<string> VerbsOf(ResourceInfo resource)
    {
        if (resource.ConnectMethods.Count == 0)
        {
            return resource.Verbs;
        }
        var verbs = new SortedSet<string>(resource.Verbs.Where(verb => verb != "connect"), StringComparer.Ordinal);
        foreach (var method in resource.ConnectMethods)
        {
            verbs.Add(method.ToUpperInvariant() switch
            {
                "POST" => "create",
                "PUT" => "update",
                "GET" or "HEAD" or "OPTIONS" => "get",
                var other => other.ToLowerInvariant(),
            });
        }
        return [.. verbs];
    }

    private static void WriteStrings(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> values, bool always = false)
    {
        if (values.Count == 0 && !always)
        {
            return;
        }
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }
        writer.WriteEndArray();
    }
}
