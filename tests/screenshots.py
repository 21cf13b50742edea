"""Makes the pictures of the README from the running demo: `python -m tests.screenshots docs/images` (chromium)."""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from app.demo import play
from app.demo.stage import Stage, set_stage
from app.web.desk import one_time_link

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
MOMENT = 2216  # 26 minutes into the payment outage: declared, first posts out, cases waiting
DESKTOP, PHONE = (1280, 860), (390, 844)


async def main(folder: Path) -> None:
    """Play the demo to the middle of the outage and take a picture of every place people look at."""
    async with AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stage = await set_stage(data, "127.0.0.1", 0, stack)
        await play.warm(stage)
        await play.play_to(stage, MOMENT, play.progress_line)
        driver = await stack.enter_async_context(async_playwright())
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        await _pictures(stage, browser, folder)
        await browser.close()


async def _pictures(stage: Stage, browser: Browser, folder: Path) -> None:
    url = stage.url
    on_call = f"{url}/stand-in/slack/?channel=on-call"
    await _shoot(browser, on_call, folder / "slack-on-call.png", DESKTOP)
    await _shoot(browser, f"{url}/stand-in/slack/?channel=care", folder / "slack-care.png", DESKTOP)
    await _shoot(browser, f"{url}/stand-in/town/", folder / "town.png", DESKTOP)
    for language in ("en", "tr", "fa"):
        await _shoot(browser, f"{url}/{language}/", folder / f"page-{language}.png", PHONE)
    await _shoot(browser, f"{url}/en/", folder / "page-dark.png", PHONE, dark=True)
    sign_in = one_time_link(stage.application, url)
    await _shoot(browser, sign_in, folder / "desk.png", DESKTOP, press=True)
    names = ("slack-on-call", "page-en", "page-fa", "desk")
    await _together(browser, [folder / f"{name}.png" for name in names], folder / "overview.png")


async def _shoot(
    browser: Browser, url: str, path: Path, size: tuple[int, int], *, dark: bool = False, press: bool = False
) -> None:
    page = await browser.new_page(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light",
        locale="en-GB", timezone_id="Europe/Istanbul",
    )  # fmt: skip
    await page.goto(url)
    if press:  # the sign-in link asks for one press, so that a mail scanner cannot use it up
        button = page.locator("form button").first
        if await button.count():
            await button.click()
    await page.wait_for_timeout(600)
    await page.screenshot(path=path)
    await page.close()


async def _together(browser: Browser, pictures: list[Path], path: Path) -> None:
    """Lay several pictures side by side on one sheet."""
    heights = (430, 430, 430, 430)
    figures = "".join(
        f'<img style="height:{height}px;border-radius:10px;box-shadow:0 2px 14px #0003" '
        f'src="data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}">'
        for picture, height in zip(pictures, heights, strict=True)
    )
    html = f"""<body style="margin:0;padding:22px;background:#eef1f6;display:flex;gap:18px;width:max-content">
      {figures}</body>"""
    page = await browser.new_page(viewport={"width": 1200, "height": 480}, device_scale_factor=1.4)
    await page.set_content(html)
    await page.wait_for_timeout(400)
    await page.locator("body").screenshot(path=path)
    await page.close()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(target))
