namespace Kybernet.Kubelet.Images;

/// <summary>Names of images as users write them.</summary>
internal static class ImageName
{
    /// <summary>The name with <c>:latest</c> where it has neither a tag nor a digest.</summary>
    /// <exception cref="FormatException">It is no name of an image.</exception>
    public static string WithDefaultTag(string image)
    {
        Validate(image);
        var lastPart = image[(image.LastIndexOf('/') + 1)..];
        return lastPart.Contains(':') || lastPart.Contains('@') ? image : image + ":latest";
    }

    /// <summary>The registry that an image comes from.</summary>
    public static string RegistryOf(string image)
    {
        var slash = image.IndexOf('/');
        var first = slash < 0 ? "" : image[..slash];
        return first.Contains('.') || first.Contains(':') || first == "localhost" ? first : "docker.io";
    }

    private static void Validate(string image)
    {
        var name = image.Split('@')[0];
        var slash = name.LastIndexOf('/');
        var tag = name.IndexOf(':', slash + 1);
        var path = tag < 0 ? name : name[..tag];
        if (path.Length == 0)
        {
            throw new FormatException("invalid reference format");
        }
        var parts = path.Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            var isRegistry = i == 0 && parts.Length > 1 && (parts[0].Contains('.') || parts[0].Contains(':') || parts[0] == "localhost");
            if (isRegistry)
            {
                continue;
            }
            if (parts[i].Any(char.IsAsciiLetterUpper))
            {
                throw new FormatException("invalid reference format: repository name must be lowercase");
            }
            if (parts[i].Length == 0 || !parts[i].All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-')
                || !char.IsAsciiLetterOrDigit(parts[i][0]) || !char.IsAsciiLetterOrDigit(parts[i][^1]))
            {
                throw new FormatException("invalid reference format");
            }
        }
        if (tag >= 0 && (tag + 1 == name.Length || !name[(tag + 1)..].All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')))
        {
            throw new FormatException("invalid reference format");
        }
    }
}
