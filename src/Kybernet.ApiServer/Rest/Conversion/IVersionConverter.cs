using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Rest.Conversion;

/// <summary>Turns objects of a version that is served into the version that is stored, and back. Nothing is lost on the way there and back.</summary>
internal interface IVersionConverter
{
    /// <summary>Changes an object of the served version into one of the stored version, in place.</summary>
    void ToStorage(JsonObject item);

    /// <summary>Changes an object of the stored version into one of the served version, in place.</summary>
    void FromStorage(JsonObject item);
}
