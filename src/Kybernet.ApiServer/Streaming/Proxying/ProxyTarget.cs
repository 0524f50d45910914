namespace Kybernet.ApiServer.Streaming.Proxying;

/// <summary>Where a proxied request goes.</summary>
/// <param name="Origin">Scheme, host and port, as in <c>http://10.0.0.7:8080</c>.</param>
/// <param name="Way">What takes it there.</param>
internal sealed record ProxyTarget(string Origin, HttpMessageInvoker Way)
{
    /// <summary>The host and port, as they stand in URLs.</summary>
    public string Authority => Origin[(Origin.IndexOf("//", StringComparison.Ordinal) + 2)..];
}
