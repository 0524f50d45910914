using System.Collections.Immutable;
using System.Text.Json;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Api;

/// <summary>The few fields of an object that every cache, selector and index needs, parsed without decoding the rest.</summary>
public sealed record ObjectHeader
{
    /// <summary>The namespace; empty for cluster-scoped objects.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The identity that no later object of the same name has.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The revision of this state of the object; empty where it has none yet.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>The labels; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The owners; empty where there are none.</summary>
    public IReadOnlyList<OwnerReference> OwnerReferences { get; init; } = [];

    /// <summary>Who has to do something before the object may go.</summary>
    public IReadOnlyList<string> Finalizers { get; init; } = [];

    /// <summary>Whether deletion has been asked for.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>The name that it is known by inside its resource.</summary>
    public NamespacedName Key => new(Namespace, Name);

    /// <summary>Parses the header of an object.</summary>
    /// <exception cref="JsonException">The bytes are no object.</exception>
    public static ObjectHeader Parse(ReadOnlySpan<byte> json) => Of(ReadMetadata(json));

    /// <summary>The header of an object whose metadata is decoded already.</summary>
    public static ObjectHeader Of(ObjectMeta metadata) => new()
    {
        Namespace = metadata.Namespace ?? "",
        Name = metadata.Name ?? "",
        Uid = metadata.Uid ?? "",
        ResourceVersion = metadata.ResourceVersion ?? "",
        Labels = metadata.Labels,
        OwnerReferences = metadata.OwnerReferences,
        Finalizers = metadata.Finalizers,
        IsDeleting = metadata.DeletionTimestamp is not null,
    };

    /// <summary>Reads an object's metadata without decoding the rest; empty where it has none.</summary>
    /// <exception cref="JsonException">The bytes are no object.</exception>
    public static ObjectMeta ReadMetadata(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        ModelReader.Begin(ref reader);
        while (ModelReader.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                return ModelReader.HasValue(ref reader) ? ObjectMeta.Read(ref reader) : ObjectMeta.Empty;
            }
            ModelReader.SkipValue(ref reader);
        }
        return ObjectMeta.Empty;
    }
}
