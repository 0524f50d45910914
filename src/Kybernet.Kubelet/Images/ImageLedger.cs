using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Images;

/// <summary>An image and when it was used.</summary>
/// <param name="Image">The image.</param>
/// <param name="FirstSeen">When it was first seen; the beginning of time where it was there before the kubelet.</param>
/// <param name="LastUsed">When a container was last seen to be made of it; the beginning of time for never.</param>
/// <param name="IsInUse">Whether one is.</param>
internal sealed record ImageUse(ImageRecord Image, DateTimeOffset FirstSeen, DateTimeOffset LastUsed, bool IsInUse);

/// <summary>Remembers when images came and when they were last used.</summary>
internal sealed class ImageLedger
{
    private Dictionary<string, ImageUse>? _uses;

    /// <summary>Writes down what is there now and what is used now.</summary>
    public void Write(IReadOnlyList<ImageRecord> images, IReadOnlySet<string> inUse, DateTimeOffset now)
    {
        var before = _uses;
        var uses = new Dictionary<string, ImageUse>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            var known = before?.GetValueOrDefault(image.Id)
                ?? new ImageUse(image, before is null ? DateTimeOffset.MinValue : now, DateTimeOffset.MinValue, IsInUse: false);
            var isInUse = inUse.Contains(image.Id);
            uses[image.Id] = known with { Image = image, IsInUse = isInUse, LastUsed = isInUse ? now : known.LastUsed };
        }
        _uses = uses;
    }

    /// <summary>The images that are not used, those first that have not been for longest.</summary>
    public IReadOnlyList<ImageUse> Unused() =>
        _uses is null ? [] : [.. _uses.Values.Where(static use => !use.IsInUse).OrderBy(static use => use.LastUsed).ThenBy(static use => use.FirstSeen)];
}
