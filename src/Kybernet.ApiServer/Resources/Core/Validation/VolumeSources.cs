using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>The sources that pods' volumes and PersistentVolumes share.</summary>
internal static class VolumeSources
{
    private static readonly string[] HostPathTypes =
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    private static readonly string[] CachingModes = ["None", "ReadOnly", "ReadWrite"];
    private static readonly string[] DiskKinds = ["Dedicated", "Managed", "Shared"];

    public static void HostPath(HostPathVolumeSource source, FieldPath path, FieldErrors errors)
    {
        if (!errors.Needs(source.Path, path, "path"))
        {
            return;
        }
        PathRules.NoBacksteps(source.Path, path.Child("path"), errors);
        if (source.Type is { } type && Array.IndexOf(HostPathTypes, type) < 0)
        {
            errors.NotSupported(path.Child("type"), type, HostPathTypes);
        }
    }

    public static void Nfs(NFSVolumeSource source, FieldPath path, FieldErrors errors)
    {
        errors.Needs(source.Server, path, "server");
        errors.Needs(source.Path, path, "path");
        if (!source.Path.StartsWith('/'))
        {
            errors.Invalid(path.Child("path"), source.Path, "must be an absolute path");
        }
    }

    public static void Csi(CSIVolumeSource source, FieldPath path, FieldErrors errors)
    {
        CsiDriver(source.Driver, path.Child("driver"), errors);
        if (source.NodePublishSecretRef is not { } secret)
        {
            return;
        }
        if (string.IsNullOrEmpty(secret.Name))
        {
            errors.Required(path.Child("nodePublishSecretRef").Child("name"));
            return;
        }
        errors.Name(secret.Name, path, "name", NameRules.Subdomain);
    }

    public static void CsiDriver(string driver, FieldPath path, FieldErrors errors)
    {
        if (driver.Length == 0)
        {
            errors.Required(path);
        }
        if (driver.Length > 63)
        {
            errors.TooLong(path, 63);
        }
        errors.Invalid(path, driver, NameRules.Subdomain(driver.ToLowerInvariant()));
    }

    public static void FibreChannel(FCVolumeSource source, FieldPath path, FieldErrors errors)
    {
        if (source.TargetWWNs.Count == 0 && source.Wwids.Count == 0)
        {
            errors.Required(path.Child("targetWWNs"), "must specify either targetWWNs or wwids, but not both");
        }
        if (source.TargetWWNs.Count == 0)
        {
            return;
        }
        if (source.Wwids.Count != 0)
        {
            errors.InvalidList(path.Child("targetWWNs"), source.TargetWWNs, "targetWWNs and wwids can not be specified simultaneously");
        }
        if (source.Lun is not { } lun)
        {
            errors.Required(path.Child("lun"), "lun is required if targetWWNs is specified");
        }
        else if (lun is < 0 or > 255)
        {
            errors.Invalid(path.Child("lun"), lun, "must be between 0 and 255, inclusive");
        }
    }

    public static void Disk(string id, string field, int? partition, FieldPath path, FieldErrors errors)
    {
        errors.Needs(id, path, field);
        if (partition is < 0 or > 255)
        {
            errors.Invalid(path.Child("partition"), partition.Value, "must be between 1 and 255, inclusive");
        }
    }

    public static void AzureDisk(AzureDiskVolumeSource source, FieldPath path, FieldErrors errors)
    {
        errors.Needs(source.DiskName, path, "diskName");
        errors.Needs(source.DiskURI, path, "diskURI");
        errors.OneOf(source.CachingMode, path, "cachingMode", CachingModes, required: false);
        errors.OneOf(source.Kind, path, "kind", DiskKinds, required: false);
        if (source.Kind == "Managed" && !source.DiskURI.StartsWith("/subscriptions/", StringComparison.Ordinal))
        {
            errors.NotSupported(path.Child("diskURI"), source.DiskURI,
                ["/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"]);
        }
        if (source.Kind is not (null or "Managed") && !source.DiskURI.StartsWith("https://", StringComparison.Ordinal))
        {
            errors.NotSupported(path.Child("diskURI"), source.DiskURI,
                ["https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"]);
        }
    }

    public static void Flocker(FlockerVolumeSource source, FieldPath path, FieldErrors errors)
    {
        var hasName = !string.IsNullOrEmpty(source.DatasetName);
        var hasUuid = !string.IsNullOrEmpty(source.DatasetUUID);
        if (!hasName && !hasUuid)
        {
            errors.Required(path, "one of datasetName and datasetUUID is required");
        }
        if (hasName && hasUuid)
        {
            errors.Invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
        }
        if (hasName && source.DatasetName!.Contains('/'))
        {
            errors.Invalid(path.Child("datasetName"), source.DatasetName, "must not contain '/'");
        }
    }

    public static void FlexOptions(string driver, IReadOnlyDictionary<string, string> options, FieldPath path, FieldErrors errors)
    {
        errors.Needs(driver, path, "driver");
        foreach (var key in options.Keys)
        {
            var slash = key.IndexOf('/');
            var prefix = "." + (slash < 0 ? key : key[..slash]).ToLowerInvariant();
            if (prefix.EndsWith(".kubernetes.io", StringComparison.Ordinal) || prefix.EndsWith(".k8s.io", StringComparison.Ordinal))
            {
                errors.Invalid(path.Child("options").Key(key), key, "kubernetes.io and k8s.io namespaces are reserved");
            }
        }
    }

    public static void Quobyte(QuobyteVolumeSource source, FieldPath path, FieldErrors errors)
    {
        const string Pairs = "must be a host:port pair or multiple pairs separated by commas";
        if (source.Registry.Length == 0)
        {
            errors.Required(path.Child("registry"), Pairs);
        }
        else if (source.Tenant?.Length >= 65)
        {
            errors.Required(path.Child("tenant"), "must be a UUID and may not exceed a length of 64 characters");
        }
        else
        {
            foreach (var pair in source.Registry.Split(','))
            {
                if (pair.LastIndexOf(':') < 0)
                {
                    errors.Invalid(path.Child("registry"), source.Registry, Pairs);
                }
            }
        }
        errors.Needs(source.Volume, path, "volume");
    }

    /// <summary>What names an iSCSI node: <c>iqn.</c>, <c>eui.</c> or <c>naa.</c> and what follows.</summary>
    public static void IscsiName(string? name, FieldPath path, FieldErrors errors)
    {
        if (name is null)
        {
            return;
        }
        if (!name.StartsWith("iqn", StringComparison.Ordinal) && !name.StartsWith("eui", StringComparison.Ordinal)
            && !name.StartsWith("naa", StringComparison.Ordinal))
        {
            errors.Invalid(path, name, "must be valid format starting with iqn, eui, or naa");
            return;
        }
        var isRight = name[0] switch
        {
            'i' => IsIqn(name),
            'e' => name.Length == 20 && IsAlphanumeric(name.AsSpan(4)),
            _ => name.Length == 36 && IsAlphanumeric(name.AsSpan(4)),
        };
        if (!isRight)
        {
            errors.Invalid(path, name, "must be valid format");
        }
    }

    private static bool IsIqn(string name)
    {
        var colon = name.IndexOf(':');
        return colon > 12 && colon < name.Length - 1 && name[3] == '.' && name[8] == '-' && name[11] == '.'
            && int.TryParse(name.AsSpan(4, 4), out _) && int.TryParse(name.AsSpan(9, 2), out _)
            && !name.AsSpan(colon + 1).ContainsAny(",;*&$| \t\n");
    }

    private static bool IsAlphanumeric(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character))
            {
                return false;
            }
        }
        return true;
    }
}
