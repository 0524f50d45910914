using Kybernet.Api;
using Kybernet.Api.Storage.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Storage;

/// <summary>VolumeAttributesClasses.</summary>
internal static class AttributesClasses
{
    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var attributes = item.As<VolumeAttributesClass>();
        Provisioning.Driver(attributes.DriverName, FieldPath.Of("driverName"), errors);
        Provisioning.Parameters(attributes.Parameters, required: true, errors);
    }

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (attributes, old) = (item.As<VolumeAttributesClass>(), previous.As<VolumeAttributesClass>());
        Provisioning.Same(attributes.DriverName, old.DriverName, "driverName", errors);
        Provisioning.SameParameters(attributes.Parameters, old.Parameters, errors);
    }
}
