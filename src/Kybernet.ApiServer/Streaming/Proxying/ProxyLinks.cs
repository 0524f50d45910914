namespace Kybernet.ApiServer.Streaming.Proxying;

/// <summary>Leads the links of a proxied answer back through the proxy.</summary>
/// <param name="prefix">The proxy's own path, up to and with <c>/proxy</c>.</param>
/// <param name="backend">The host and port that answered.</param>
/// <param name="requested">The host and port that the client asked for.</param>
internal sealed class ProxyLinks(string prefix, string backend, string requested)
{
    /// <summary>The link as the client has to follow it: absolute paths on the same host get the prefix, everything else stays.</summary>
    public string Rewrite(string link)
    {
        var start = AuthorityStart(link);
        var pathStart = start < 0 ? 0 : link.IndexOf('/', start);
        if (pathStart < 0 || pathStart >= link.Length || link[pathStart] != '/')
        {
            return link;
        }
        var host = start < 0 ? "" : link[start..pathStart];
        if (host.Length > 0 && host != backend && host != requested)
        {
            return link;
        }
        var origin = host == requested ? link[..pathStart] : "";
        var path = link[pathStart..];
        return path.StartsWith(prefix, StringComparison.Ordinal) ? origin + path : origin + prefix + path;
    }

    /// <summary>Where the host begins; -1 where the link names none.</summary>
    private static int AuthorityStart(string link)
    {
        if (link.StartsWith("//", StringComparison.Ordinal))
        {
            return 2;
        }
        var colon = link.IndexOf("://", StringComparison.Ordinal);
        return colon > 0 && !link.AsSpan(0, colon).ContainsAny("/?#") ? colon + 3 : -1;
    }
}
