using Kybernet.Api.Times;

namespace Kybernet.Api.Tests.Times;

public sealed class DurationTests
{
    [Theory]
    [InlineData(-2, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(150, "2m30s")]
    [InlineData(600, "10m")]
    [InlineData(179 * 60, "179m")]
    [InlineData(180 * 60, "3h")]
    [InlineData(190 * 60, "3h10m")]
    [InlineData(47 * 3600, "47h")]
    [InlineData(50 * 3600, "2d2h")]
    [InlineData(8 * 86400, "8d")]
    [InlineData(729 * 86400, "729d")]
    [InlineData((2 * 365 + 45) * 86400, "2y45d")]
    [InlineData(9 * 365 * 86400, "9y")]
    public void An_age_has_two_figures_at_most(int seconds, string text) => Assert.Equal(text, HumanDuration.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(59, "59s")]
    [InlineData(119, "1m")]
    [InlineData(7199, "1h")]
    [InlineData(50 * 3600, "2d")]
    public void A_short_age_has_one_figure(int seconds, string text) => Assert.Equal(text, HumanDuration.FormatShort(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("1h30m", "1h30m0s")]
    [InlineData("90s", "1m30s")]
    [InlineData("1.5s", "1.5s")]
    [InlineData("100ms", "100ms")]
    [InlineData("-1.5h", "-1h30m0s")]
    [InlineData("0", "0s")]
    [InlineData("3us", "3µs")]
    [InlineData(".5m", "30s")]
    public void A_duration_is_written_as_Go_writes_it(string text, string canonical)
    {
        Assert.Equal(canonical, GoDuration.Format(GoDuration.Parse(text)));
        Assert.Equal(GoDuration.Parse(text), GoDuration.Parse(canonical));
    }

    [Theory]
    [InlineData("", "time: invalid duration \"\"")]
    [InlineData("3", "time: missing unit in duration \"3\"")]
    [InlineData("3x", "time: unknown unit \"x\" in duration \"3x\"")]
    [InlineData("s", "time: invalid duration \"s\"")]
    [InlineData("99999999h", "time: invalid duration \"99999999h\"")]
    public void What_is_no_duration_is_refused_in_Gos_words(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => GoDuration.Parse(text)).Message);

    [Theory]
    [InlineData("2024-05-01T12:00:00Z", "2024-05-01T12:00:00.000000Z")]
    [InlineData("2024-05-01T12:00:00.123456789+01:00", "2024-05-01T11:00:00.123456Z")]
    public void Times_are_read_with_any_offset_and_fraction(string text, string micro)
    {
        Assert.True(Rfc3339.TryParse(text, out var time));
        Assert.Equal(micro, Rfc3339.FormatMicro(time));
        Assert.False(Rfc3339.TryParse("2024-05-01", out _));
    }
}
