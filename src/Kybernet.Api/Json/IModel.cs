using System.Text.Json;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Api.Json;

/// <summary>A value of an API type: immutable, safe to share across the process.</summary>
public interface IModel
{
    /// <summary>Writes the value as a JSON object. Fields that are absent are left out.</summary>
    void WriteTo(Utf8JsonWriter writer);
}

/// <summary>An <see cref="IModel"/> that can be read.</summary>
public interface IModel<TSelf> : IModel
    where TSelf : class, IModel<TSelf>
{
    /// <summary>The value with nothing set, shared.</summary>
    static abstract TSelf Empty { get; }

    /// <summary>Reads the JSON object that the reader stands at, or before. Fields that the type does not have are skipped.</summary>
    /// <exception cref="JsonException">The JSON is malformed, or no object.</exception>
    /// <exception cref="InvalidOperationException">A field's value is of another type than the field.</exception>
    /// <exception cref="FormatException">A field's value is not in the form of its type.</exception>
    static abstract TSelf Read(ref Utf8JsonReader reader);
}

/// <summary>A whole API object: it says what kind it is and carries metadata.</summary>
public interface IKubernetesObject : IModel
{
    /// <summary>The group and version, as in <c>apps/v1</c>; <c>v1</c> for the core group.</summary>
    string ApiVersion { get; }

    /// <summary>The kind, as in <c>Deployment</c>.</summary>
    string Kind { get; }

    /// <summary>The object's metadata; never null.</summary>
    ObjectMeta Metadata { get; }
}

/// <summary>A kind of API object.</summary>
public interface IKubernetesObject<TSelf> : IKubernetesObject, IModel<TSelf>
    where TSelf : class, IKubernetesObject<TSelf>
{
    /// <summary>The same object with other metadata.</summary>
    TSelf WithMetadata(ObjectMeta metadata);

    /// <summary>The group, version and kind that the API knows the type by.</summary>
    static abstract GroupVersionKind GroupVersionKind { get; }
}

/// <summary>A kind of API object that has a resource of its own: it can be read, listed or created by path.</summary>
public interface IResourceObject<TSelf> : IKubernetesObject<TSelf>
    where TSelf : class, IResourceObject<TSelf>
{
    /// <summary>The resource that the kind is served at.</summary>
    static abstract GroupVersionResource Resource { get; }

    /// <summary>Whether its objects live in namespaces.</summary>
    static abstract bool IsNamespaced { get; }
}
