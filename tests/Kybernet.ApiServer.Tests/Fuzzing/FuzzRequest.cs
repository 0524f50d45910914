namespace Kybernet.ApiServer.Tests.Fuzzing;

/// <summary>A request that is good, or was before it was changed.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path.</param>
/// <param name="Query">The query's parameters.</param>
/// <param name="ContentType">The body's media type.</param>
/// <param name="Body">The body.</param>
internal sealed record FuzzRequest(string Method, string Path, IReadOnlyList<KeyValuePair<string, string>> Query, string ContentType, byte[] Body)
{
    public string PathAndQuery => Query.Count == 0
        ? Path
        : $"{Path}?{string.Join('&', Query.Select(static parameter => $"{Uri.EscapeDataString(parameter.Key)}={Uri.EscapeDataString(parameter.Value)}"))}";

    public override string ToString() => $"{Method} {PathAndQuery} ({ContentType})\n{System.Text.Encoding.UTF8.GetString(Body)}";
}
