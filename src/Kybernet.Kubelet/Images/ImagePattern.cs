using System.IO.Enumeration;

namespace Kybernet.Kubelet.Images;

/// <summary>
/// Says which images credentials are for: <c>registry.example:5000/team</c>, and <c>*.registry.example</c>, of which each star stands for one part of
/// the host's name (Kubernetes documentation: Configure a kubelet image credential provider).
/// </summary>
internal sealed class ImagePattern
{
    private const string DockerHub = "docker.io";

    private readonly string[] _host;
    private readonly string _port;
    private readonly string _path;

    public ImagePattern(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var rest = scheme < 0 ? text : text[(scheme + 3)..];
        var slash = rest.IndexOf('/');
        var (host, port) = Split(slash < 0 ? rest : rest[..slash]);
        var path = slash < 0 ? "" : rest[slash..].TrimEnd('/');
        // What old tools write is the registry's API, not a folder of it.
        _path = path is "/v1" or "/v2" ? "" : path;
        _port = port;
        _host = (host == "index.docker.io" ? DockerHub : host).Split('.');
    }

    /// <summary>How narrow it is: the longer counts first.</summary>
    public int Length => _host.Sum(static part => part.Length + 1) + _path.Length;

    public bool Matches(string image)
    {
        var registry = ImageName.RegistryOf(image);
        var path = image.StartsWith(registry + "/", StringComparison.Ordinal) ? image[registry.Length..] : "/" + image;
        var (host, port) = Split(registry);
        var parts = host.Split('.');
        return port == _port
            && parts.Length == _host.Length
            && !_host.Where((part, i) => !FileSystemName.MatchesSimpleExpression(part, parts[i], ignoreCase: false)).Any()
            && path.StartsWith(_path, StringComparison.Ordinal);
    }

    private static (string Host, string Port) Split(string authority)
    {
        var colon = authority.LastIndexOf(':');
        return colon < 0 ? (authority, "") : (authority[..colon], authority[(colon + 1)..]);
    }
}
