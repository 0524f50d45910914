namespace Kybernet.Api.Storage;

/// <summary>The phases of PersistentVolumes.</summary>
public static class VolumePhase
{
    /// <summary>Free.</summary>
    public const string Available = "Available";

    /// <summary>A claim's.</summary>
    public const string Bound = "Bound";

    /// <summary>Its claim is gone; what the claim left is still on it.</summary>
    public const string Released = "Released";

    /// <summary>Its reclaiming went wrong.</summary>
    public const string Failed = "Failed";
}

/// <summary>The phases of PersistentVolumeClaims.</summary>
public static class ClaimPhase
{
    /// <summary>Waits for a volume.</summary>
    public const string Pending = "Pending";

    /// <summary>Has its volume.</summary>
    public const string Bound = "Bound";

    /// <summary>Had a volume, which is gone.</summary>
    public const string Lost = "Lost";
}
