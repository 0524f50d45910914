using System.Collections.Immutable;
using System.Text.Json;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Api;

/// <summary>The few fields of an object that every cache, selector and index needs, parsed without decoding the rest.</summary>
public sealed record ObjectHeader
{
    /// <summary>The header of an object without metadata.</summary>
    public ObjectHeader()
    {
    }

    // Every write and every event makes one: what is not in it is passed over unread.
    private ObjectHeader(ref Utf8JsonReader reader)
    {
        ModelReader.Begin(ref reader);
        while (ModelReader.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                Name = Text(ref reader);
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                Namespace = Text(ref reader);
            }
            else if (reader.ValueTextEquals("uid"u8))
            {
                Uid = Text(ref reader);
            }
            else if (reader.ValueTextEquals("resourceVersion"u8))
            {
                ResourceVersion = Text(ref reader);
            }
            else if (reader.ValueTextEquals("deletionTimestamp"u8))
            {
                IsDeleting = ModelReader.HasValue(ref reader);
            }
            else if (reader.ValueTextEquals("labels"u8))
            {
                Labels = ModelReader.HasValue(ref reader) ? ModelReader.Map(ref reader, static (ref Utf8JsonReader value) => value.GetString()!) : Labels;
            }
            else if (reader.ValueTextEquals("ownerReferences"u8))
            {
                OwnerReferences = ModelReader.HasValue(ref reader) ? ModelReader.List(ref reader, static (ref Utf8JsonReader item) => OwnerReference.Read(ref item)) : OwnerReferences;
            }
            else if (reader.ValueTextEquals("finalizers"u8))
            {
                Finalizers = ModelReader.HasValue(ref reader) ? ModelReader.List(ref reader, static (ref Utf8JsonReader item) => item.GetString()!) : Finalizers;
            }
            else
            {
                ModelReader.SkipValue(ref reader);
            }
        }
    }

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
    public static ObjectHeader Parse(ReadOnlySpan<byte> json)
    {
        var reader = ModelJson.Reader(json);
        return FindMetadata(ref reader) ? new ObjectHeader(ref reader) : new ObjectHeader();
    }

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
        var reader = ModelJson.Reader(json);
        return FindMetadata(ref reader) ? ObjectMeta.Read(ref reader) : ObjectMeta.Empty;
    }

    /// <summary>An object's metadata as the bytes that it is; <c>{}</c> where it has none.</summary>
    /// <exception cref="JsonException">The bytes are no object.</exception>
    public static ReadOnlySpan<byte> MetadataOf(ReadOnlySpan<byte> json)
    {
        var reader = ModelJson.Reader(json);
        if (!FindMetadata(ref reader))
        {
            return "{}"u8;
        }
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    private static string Text(ref Utf8JsonReader reader) => ModelReader.HasValue(ref reader) ? reader.GetString()! : "";

    private static bool FindMetadata(ref Utf8JsonReader reader)
    {
        ModelReader.Begin(ref reader);
        while (ModelReader.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                return ModelReader.HasValue(ref reader);
            }
            ModelReader.SkipValue(ref reader);
        }
        return false;
    }
}
