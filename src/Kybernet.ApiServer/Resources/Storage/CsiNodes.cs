using Kybernet.Api;
using Kybernet.Api.Storage.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Storage;

/// <summary>CSINodes: which drivers a node has, and by which name each of them knows it.</summary>
internal static class CsiNodes
{
    private const int MaxNodeId = 256;

    private static readonly FieldPath Drivers = FieldPath.Of("spec").Child("drivers");

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var drivers = item.As<CSINode>().Spec.Drivers;
        for (var i = 0; i < drivers.Count; i++)
        {
            Driver(drivers[i], Drivers.Index(i), errors);
            if (drivers.Take(i).Any(other => other.Name == drivers[i].Name))
            {
                errors.Duplicate(Drivers.Index(i).Child("name"), drivers[i].Name);
            }
        }
    }

    /// <summary>Drivers come and go; of one that stays only what a node can take of its volumes changes.</summary>
    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        foreach (var old in previous.As<CSINode>().Spec.Drivers)
        {
            if (item.As<CSINode>().Spec.Drivers.FirstOrDefault(driver => driver.Name == old.Name) is { } now)
            {
                errors.Unchanged(now with { Allocatable = null }, old with { Allocatable = null }, Drivers);
            }
        }
    }

    private static void Driver(CSINodeDriver driver, FieldPath path, FieldErrors errors)
    {
        VolumeSources.CsiDriver(driver.Name, path.Child("name"), errors);
        errors.Needs(driver.NodeID, path, "nodeID");
        if (driver.NodeID.Length > MaxNodeId)
        {
            errors.Invalid(path.Child("nodeID"), driver.NodeID, $"must be {MaxNodeId} characters or less");
        }
        errors.NonNegative(driver.Allocatable?.Count, path.Child("allocatable"), "count");
        for (var i = 0; i < driver.TopologyKeys.Count; i++)
        {
            var key = driver.TopologyKeys[i];
            if (key.Length == 0)
            {
                errors.Required(path);
            }
            if (driver.TopologyKeys.Take(i).Contains(key))
            {
                errors.Duplicate(path, key);
            }
            LabelRules.ValidateKey(key, path, errors);
        }
    }
}
