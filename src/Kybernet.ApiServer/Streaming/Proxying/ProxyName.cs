namespace Kybernet.ApiServer.Streaming.Proxying;

/// <summary>What a proxied request names: <c>name</c>, <c>name:port</c> or <c>scheme:name:port</c>.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Name">The object.</param>
/// <param name="Port">A number, or the name of a Service's port; empty for none.</param>
internal readonly record struct ProxyName(string Scheme, string Name, string Port)
{
    /// <summary>Reads a name; null where it has none of the three forms.</summary>
    public static ProxyName? Parse(string text)
    {
        ProxyName? name = text.Split(':') switch
        {
            [var only] => new("http", only, ""),
            [var before, var port] => new("http", before, port),
            ["" or "http", var middle, var port] => new("http", middle, port),
            ["https", var middle, var port] => new("https", middle, port),
            _ => null,
        };
        return name is { Name.Length: > 0 } ? name : null;
    }
}
