using System.Security.Cryptography;
using System.Text;

namespace Kybernet.Api.Storage;

/// <summary>What controllers and kubelets call the volumes of CSI drivers among themselves.</summary>
public static class CsiNames
{
    private const string Prefix = "csi-";

    /// <summary>The name of the VolumeAttachment of a volume and a node.</summary>
    public static string Attachment(string handle, string driver, string node) =>
        $"{Prefix}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(handle + driver + node)))}";

    /// <summary>Whether a VolumeAttachment is called as the attach/detach controller calls them; others are somebody else's.</summary>
    public static bool IsAttachment(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>How a volume is named in a Node's status.</summary>
    public static string InNodeStatus(string handle, string driver) => $"kubernetes.io/csi/{driver}^{handle}";
}
