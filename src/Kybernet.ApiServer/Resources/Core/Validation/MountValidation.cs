using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>Where a container sees the pod's volumes: as directories, or as block devices.</summary>
internal static class MountValidation
{
    private static readonly string[] Propagations = ["Bidirectional", "HostToContainer", "None"];
    private static readonly string[] RecursiveReadOnlyModes = ["Disabled", "Enabled", "IfPossible"];

    /// <summary>Says what is wrong with a container's mounts.</summary>
    public static void Mounts(Container container, FieldPath containerPath, PodValidationContext pod)
    {
        var mounts = container.VolumeMounts;
        HashSet<string>? points = mounts.Count > 1 ? new(mounts.Count, StringComparer.Ordinal) : null;
        for (var i = 0; i < mounts.Count; i++)
        {
            var isUnique = points?.Add(mounts[i].MountPath) ?? true;
            Mount(mounts[i], isUnique, container, containerPath, i, pod);
        }
    }

    /// <summary>Says what is wrong with a container's devices.</summary>
    public static void Devices(Container container, FieldPath containerPath, PodValidationContext pod)
    {
        var devices = container.VolumeDevices;
        if (devices.Count == 0)
        {
            return;
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < devices.Count; i++)
        {
            Device(devices[i], container, containerPath.Child("volumeDevices").Index(i), names, paths, pod);
        }
    }

    private static void Mount(VolumeMount mount, bool isUnique, Container container, FieldPath containerPath, int index, PodValidationContext pod)
    {
        var errors = pod.Errors;
        var isKnown = pod.Volumes.ContainsKey(mount.Name);
        if (isKnown && isUnique && mount.MountPath.Length > 0 && container.VolumeDevices.Count == 0
            && mount is { SubPath: null, SubPathExpr: null, MountPropagation: null, RecursiveReadOnly: null })
        {
            return;
        }
        var list = containerPath.Child("volumeMounts");
        var path = list.Index(index);
        errors.Needs(mount.Name, path, "name");
        if (!isKnown)
        {
            errors.NotFound(path.Child("name"), mount.Name);
        }
        errors.Needs(mount.MountPath, path, "mountPath");
        if (!isUnique)
        {
            errors.Invalid(path.Child("mountPath"), mount.MountPath, "must be unique");
        }
        foreach (var device in container.VolumeDevices)
        {
            if (device.Name == mount.Name)
            {
                errors.Invalid(path.Child("name"), mount.Name, "must not already exist in volumeDevices");
            }
            if (device.DevicePath == mount.MountPath)
            {
                errors.Invalid(path.Child("mountPath"), mount.MountPath, "must not already exist as a path in volumeDevices");
            }
        }
        SubPaths(mount, list, path, errors);
        Propagation(mount, container, list, errors);
        RecursiveReadOnly(mount, list, errors);
    }

    private static void SubPaths(VolumeMount mount, FieldPath list, FieldPath path, FieldErrors errors)
    {
        // Upstream leaves the index out of the paths of some of these.
        var hasSubPath = !string.IsNullOrEmpty(mount.SubPath);
        var hasExpression = !string.IsNullOrEmpty(mount.SubPathExpr);
        if (hasSubPath)
        {
            PathRules.Descending(mount.SubPath!, list.Child("subPath"), errors);
        }
        if (!hasExpression)
        {
            return;
        }
        if (hasSubPath)
        {
            errors.Invalid(path.Child("subPathExpr"), mount.SubPathExpr, "subPathExpr and subPath are mutually exclusive");
        }
        PathRules.Descending(mount.SubPathExpr!, list.Child("subPathExpr"), errors);
    }

    private static void Propagation(VolumeMount mount, Container container, FieldPath list, FieldErrors errors)
    {
        if (mount.MountPropagation is not { } propagation)
        {
            return;
        }
        if (Array.IndexOf(Propagations, propagation) < 0)
        {
            errors.NotSupported(list.Child("mountPropagation"), propagation, Propagations);
        }
        if (propagation == "Bidirectional" && container.SecurityContext?.Privileged != true)
        {
            errors.Forbidden(list.Child("mountPropagation"), "Bidirectional mount propagation is available only to privileged containers");
        }
    }

    private static void RecursiveReadOnly(VolumeMount mount, FieldPath list, FieldErrors errors)
    {
        switch (mount.RecursiveReadOnly)
        {
            case null or "Disabled":
                break;
            case "Enabled" or "IfPossible":
                if (mount.ReadOnly != true)
                {
                    errors.Forbidden(list.Child("recursiveReadOnly"), "may only be specified when readOnly is true");
                }
                if (mount.MountPropagation is not (null or "None"))
                {
                    errors.Forbidden(list.Child("recursiveReadOnly"), "may only be specified when mountPropagation is None or not specified");
                }
                break;
            default:
                errors.NotSupported(list.Child("recursiveReadOnly"), mount.RecursiveReadOnly, RecursiveReadOnlyModes);
                break;
        }
    }

    private static void Device(
        VolumeDevice device, Container container, FieldPath path, HashSet<string> names, HashSet<string> paths, PodValidationContext pod)
    {
        var errors = pod.Errors;
        errors.Needs(device.Name, path, "name");
        if (device.Name.Length > 0 && !names.Add(device.Name))
        {
            errors.Invalid(path.Child("name"), device.Name, "must be unique");
        }
        if (!pod.Volumes.TryGetValue(device.Name, out var volume))
        {
            errors.NotFound(path.Child("name"), device.Name);
        }
        else if (volume is { PersistentVolumeClaim: null, Ephemeral: null })
        {
            errors.Invalid(path.Child("name"), device.Name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
        }
        errors.Needs(device.DevicePath, path, "devicePath");
        if (paths.Contains(device.DevicePath))
        {
            errors.Invalid(path.Child("devicePath"), device.DevicePath, "must be unique");
        }
        if (PathRules.HasBackstep(device.DevicePath))
        {
            errors.Invalid(path.Child("devicePath"), device.DevicePath, "can not contain backsteps ('..')");
        }
        else
        {
            paths.Add(device.DevicePath);
        }
        foreach (var mount in container.VolumeMounts)
        {
            if (mount.Name == device.Name)
            {
                errors.Invalid(path.Child("name"), device.Name, "must not already exist in volumeMounts");
            }
            if (mount.MountPath == device.DevicePath)
            {
                errors.Invalid(path.Child("devicePath"), device.DevicePath, "must not already exist as a path in volumeMounts");
            }
        }
    }
}
