using System.Text.RegularExpressions;

namespace Kybernet.Cluster.Images;

/// <summary>The full name of an image, as containerd stores it and a pod's <c>image</c> resolves to it.</summary>
/// <param name="Repository">Registry and path, as <c>kybernet.local/web</c>.</param>
/// <param name="Tag">The tag.</param>
internal sealed partial record ImageReference(string Repository, string Tag)
{
    /// <summary>Reads a name as it is written in a pod: <c>web</c> means <c>docker.io/library/web:latest</c>.</summary>
    /// <exception cref="ClusterException">It is no image name.</exception>
    public static ImageReference Parse(string name)
    {
        var match = Shape().Match(name);
        if (!match.Success)
        {
            throw new ClusterException($"\"{name}\" is not an image name")
            {
                Hint = "An image name is lower case, with an optional registry and tag: registry.example/team/web:1.0",
            };
        }

        var repository = match.Groups["repository"].Value;
        var tag = match.Groups["tag"] is { Success: true } given ? given.Value : "latest";
        var slash = repository.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : repository[..slash];
        var hasRegistry = first == "localhost" || first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal);
        return hasRegistry ? new ImageReference(repository, tag)
            : slash < 0 ? new ImageReference("docker.io/library/" + repository, tag)
            : new ImageReference("docker.io/" + repository, tag);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Repository}:{Tag}";

    [GeneratedRegex(
        @"^(?<repository>(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
