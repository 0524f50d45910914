using System.Text.Json;
using Kybernet.Api.Json;

namespace Kybernet.Api;

/// <summary>
/// An API object as the bytes that are served: encoded once, then shared by the cache, every response and watcher, and every component of the
/// process. Its typed model is decoded when first asked for, and shared for as long as anybody holds it.
/// </summary>
/// <param name="json">The whole object as UTF-8 JSON, <c>apiVersion</c>, <c>kind</c> and <c>metadata.resourceVersion</c> included; never changed afterwards.</param>
/// <param name="header">What was parsed of it.</param>
public sealed class EncodedObject(ReadOnlyMemory<byte> json, ObjectHeader header)
{
    // Weak: whoever works with the model holds it (an informer does), and then it is shared; a server alone need not keep both forms of everything.
    private WeakReference<IModel>? _model;

    /// <summary>The whole object as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Json { get; } = json;

    /// <summary>The few fields that caches and selectors need.</summary>
    public ObjectHeader Header { get; } = header;

    /// <summary>The name that it is known by inside its resource.</summary>
    public NamespacedName Key => Header.Key;

    /// <summary>Takes an object's bytes and parses their header.</summary>
    /// <exception cref="JsonException">The bytes are no object.</exception>
    public static EncodedObject Parse(ReadOnlyMemory<byte> json) => new(json, ObjectHeader.Parse(json.Span));

    /// <summary>Encodes a model, which then is the decoded form too.</summary>
    public static EncodedObject From(IKubernetesObject model)
    {
        var json = ModelJson.ToUtf8(model);
        return new EncodedObject(json, ObjectHeader.Parse(json)) { _model = new WeakReference<IModel>(model) };
    }

    /// <summary>The typed model. Asked for twice, it is the same one, unless two threads ask at the same moment for the first time.</summary>
    /// <exception cref="JsonException">The object does not fit the type.</exception>
    public T As<T>()
        where T : class, IModel<T>
    {
        if (_model is { } reference && reference.TryGetTarget(out var known) && known is T model)
        {
            return model;
        }
        var decoded = ModelJson.Parse<T>(Json.Span);
        _model = new WeakReference<IModel>(decoded);
        return decoded;
    }
}
