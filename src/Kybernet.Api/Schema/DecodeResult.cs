using System.Text.Json.Nodes;

namespace Kybernet.Api.Schema;

/// <summary>What decoding an object gave.</summary>
/// <param name="Object">The object, without the fields that its type does not know.</param>
/// <param name="StrictErrors">
/// What strict field validation refuses and <c>Warn</c> tells of: <c>unknown field "spec.foo"</c>, <c>duplicate field "spec.replicas"</c>. At most
/// a hundred.
/// </param>
public sealed record DecodeResult(JsonObject Object, IReadOnlyList<string> StrictErrors);

/// <summary>An object does not fit its type. The message is upstream's, without the words before it: see <see cref="Explain"/>.</summary>
public sealed class SchemaDecodeException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The message of the refusal, as upstream words it.</summary>
    public static string Explain(GroupVersionKind kind, string message) =>
        $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {message}";

    /// <summary>The message of a refusal by strict field validation.</summary>
    public static string ExplainStrict(GroupVersionKind kind, IEnumerable<string> strictErrors) =>
        Explain(kind, $"strict decoding error: {string.Join(", ", strictErrors)}");
}
