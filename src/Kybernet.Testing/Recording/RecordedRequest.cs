using System.Globalization;
using System.Text.Json.Nodes;
using k8s;

namespace Kybernet.Testing.Recording;

/// <summary>A request that the cluster's API server has answered.</summary>
/// <param name="Time">When, by the cluster's clock.</param>
/// <param name="User">Who asked, as in <c>system:serviceaccount:kube-system:deployment-controller</c>.</param>
/// <param name="Verb">As RBAC names it: <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>, <c>deletecollection</c>.</param>
/// <param name="Path">The path, unescaped.</param>
/// <param name="StatusCode">The HTTP status of the answer.</param>
public sealed record RecordedRequest(DateTimeOffset Time, string User, string Verb, string Path, int StatusCode)
{
    /// <summary>The API group of the resource; empty for the core group, and for paths that are no resource's.</summary>
    public string Group { get; init; } = "";

    /// <summary>The plural of the resource, as in <c>pods</c>; empty for paths that are no resource's.</summary>
    public string Resource { get; init; } = "";

    /// <summary>As in <c>status</c>; empty for none.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The namespace; empty for none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The name of the object; of one that was created, the one that it got.</summary>
    public string Name { get; init; } = "";

    /// <summary>The <c>User-Agent</c>; empty for none.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>What the server answered, where that was one object: what a write made of it.</summary>
    internal ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Whether it meant to change something.</summary>
    public bool IsWrite => Verb is not ("get" or "list" or "watch");

    /// <summary>The object that the server answered with; null where it answered with something else.</summary>
    public JsonNode? Object => Body.IsEmpty ? null : JsonNode.Parse(Body.Span);

    /// <summary>The object that the server answered with, as a model.</summary>
    /// <exception cref="InvalidOperationException">It answered with something else.</exception>
    public T As<T>() => Body.IsEmpty
        ? throw new InvalidOperationException($"{this} was not answered with an object")
        : KubernetesJson.Deserialize<T>(System.Text.Encoding.UTF8.GetString(Body.Span));

    /// <summary>One line, as in <c>12:00:00.000 jane patch /api/v1/namespaces/default/pods/web 409</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time:HH:mm:ss.fff} {User} {Verb} {Path} {StatusCode}");
}
